"""Opens the vault for one request when the browser holds its half of the session key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.selectors import get_person_mark
from vault.rollback import is_rolled_back, remember_journal
from vault.session import keep_awake, load_vault, write_cookie


class VaultMiddleware:
    """Sets `request.opened_vault`: an OpenedVault, or None while it is locked.

    On a page someone went to with it open, `request.journal_rolled_back` says whether this browser has seen a later
    state of the journal than the one there is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.opened_vault = None  # type: ignore[attr-defined]
        request.journal_rolled_back = False  # type: ignore[attr-defined]
        request.vault_idle_seconds = settings.VAULT_IDLE_SECONDS  # type: ignore[attr-defined]
        # Asked for by the pages that show an open vault, and by them alone.
        request.person_mark = partial(get_person_mark, request.user)  # type: ignore[attr-defined, arg-type]
        if settings.VAULT_COOKIE_NAME in request.COOKIES:
            request.opened_vault = load_vault(request)  # type: ignore[attr-defined]
            if request.opened_vault and _comes_from_a_person(request):  # type: ignore[attr-defined]
                keep_awake(request, request.opened_vault)  # type: ignore[attr-defined]
                request.journal_rolled_back = is_rolled_back(request, request.opened_vault)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.opened_vault:  # type: ignore[attr-defined]
            remember_journal(request, response, request.opened_vault)  # type: ignore[attr-defined]
        write_cookie(request, response)
        return response


def _comes_from_a_person(request: HttpRequest) -> bool:
    """A page someone went to. What scripts fetch does not count: an open page left alone would never lock."""
    is_navigation = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    return is_navigation and not request.path.startswith("/api/")
