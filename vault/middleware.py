"""Opens the vault for one request when the browser holds its half of the session key."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.deprecation import MiddlewareMixin

from accounts.http import is_visit, signed_in
from accounts.selectors import get_person_mark
from core.exceptions import VaultRequired
from vault.http import NotOpenedHere, VaultRequest, known_vault
from vault.journal.entries import KeyAltered
from vault.opened_here import make_proof, remember_opening
from vault.rollback import is_rolled_back, remember_journal
from vault.services.precautions import find_erasable_at
from vault.session import keep_awake, load_vault, write_cookie


class VaultMiddleware(MiddlewareMixin):
    """Makes of a request a VaultRequest."""

    def process_request(self, request: VaultRequest) -> None:
        request.opened_vault, request.vault_lapsed, request.new_vault_cookie = None, False, None
        request.journal_rolled_back = False
        request.vault_idle_seconds = settings.VAULT_IDLE_SECONDS
        request.unknown_vault = lambda: _tell_unknown_vault(request)
        request.erasable_at = lambda: find_erasable_at(signed_in(request))
        request.token_suffix = lambda: _prove_opening(request)
        request.person_mark = lambda: get_person_mark(signed_in(request))
        if settings.VAULT_COOKIE_NAME in request.COOKIES:
            request.opened_vault = load_vault(request)
            # What a page or the browser fetches by itself is no use: an open page left alone would never lock.
            if request.opened_vault and is_visit(request):
                keep_awake(request, request.opened_vault)
            if request.opened_vault and not request.path.startswith("/api/"):
                request.journal_rolled_back = is_rolled_back(request, request.opened_vault)

    def process_response(self, request: VaultRequest, response: HttpResponse) -> HttpResponse:
        if request.opened_vault:
            remember_journal(request, response, request.opened_vault)
            remember_opening(request, response, request.opened_vault)
        write_cookie(request, response)
        return response


def _tell_unknown_vault(request: VaultRequest) -> str:
    try:
        known_vault(request)
    except VaultRequired:
        return ""
    except (KeyAltered, NotOpenedHere) as error:
        return str(error.detail)
    return ""


def _prove_opening(request: VaultRequest) -> str:
    try:
        vault = known_vault(request)
    except (VaultRequired, KeyAltered, NotOpenedHere):
        return ""
    return f".{make_proof(vault.pk, bytes(vault.public_key))}"
