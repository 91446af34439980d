"""A request as the vault's middleware leaves it for views, the vault it holds open, and where to open it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.decorators import View, page_of
from accounts.http import SiteRequest, signed_in
from core.dates import format_date
from core.exceptions import VaultLocked, WellbeingError
from vault.authentic import is_vault_signed
from vault.journal.entries import OpenedVault, bound_public_key
from vault.models import Vault
from vault.opened_here import was_opened_here
from vault.selectors import get_vault


class NotOpenedHere(WellbeingError):
    """Nobody can tell whose vault it is before its owner has opened it; until then nothing is sealed to it."""

    code, status = "open_vault_first", 423

    def __init__(self, vault: Vault) -> None:
        made = _("Your vault was made on %(day)s, and this browser has not opened it since.")
        unknown = _("This browser has not opened your vault, and since when there is one was changed in the database.")
        told = made % {"day": format_date(vault.created_on, "j F Y")} if is_vault_signed(vault) else unknown
        asked = _("Please open it here first, so that it is surely yours: until then nothing goes into it.")
        super().__init__(f"{told} {asked}")


class VaultRequest(SiteRequest):
    """Any request after `VaultMiddleware`."""

    #: None while the vault is locked.
    opened_vault: OpenedVault | None
    #: Whether it was open in this browser until it had been idle for too long.
    vault_lapsed: bool
    vault_idle_seconds: int
    #: What the browser is to keep from now on of a vault, or of one in the making.
    new_vault_cookie: str | None
    #: On a page: whether this browser has seen a later state of the journal than the one there is.
    journal_rolled_back: bool
    #: From when the vault may be erased by who has neither passphrase nor code, if somebody has asked for it.
    erasable_at: Callable[[], datetime | None]
    #: What there is to say where a vault was never opened in this browser, and may be somebody else's; or nothing.
    unknown_vault: Callable[[], str]
    #: The person's mark, for the pages that show an open vault, and for them alone.
    person_mark: Callable[[], str]


class ApiRequest(Request):
    """The same as the API's views get it: Django's request with REST framework's around it."""

    opened_vault: OpenedVault | None


def opened(request: VaultRequest | ApiRequest) -> OpenedVault:
    """The person's vault. Raises VaultLocked; behind `vault_required` it is always open."""
    if request.opened_vault is None:
        raise VaultLocked
    return request.opened_vault


def known_vault(request: VaultRequest | ApiRequest) -> Vault:
    """The person's vault, to seal something to from here: open, or opened here before.

    Raises VaultRequired, KeyAltered, NotOpenedHere.
    """
    vault = get_vault(signed_in(request))
    bound_public_key(vault)
    is_open = request.opened_vault is not None and request.opened_vault.vault_id == vault.pk
    if not (is_open or was_opened_here(request, vault)):
        raise NotOpenedHere(vault)
    return vault


def vault_required(view: View) -> View:
    """Send a person with a locked vault to open it and back here afterwards, saying whether it closed by itself."""

    @wraps(view)
    def guarded(request: VaultRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.opened_vault is not None:
            return view(request, *args, **kwargs)
        query = {"next": page_of(request)} | ({"away": "1"} if request.vault_lapsed else {})
        return redirect(f"{reverse('vault_open')}?{urlencode(query)}")

    return guarded
