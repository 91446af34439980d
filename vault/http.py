"""A request as the vault's middleware leaves it for views, the vault it holds open, and where to open it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from rest_framework.request import Request

from accounts.decorators import View, page_of
from accounts.http import SiteRequest
from core.exceptions import VaultLocked
from vault.journal.entries import OpenedVault


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


def vault_required(view: View) -> View:
    """Send a person with a locked vault to open it and back here afterwards, saying whether it closed by itself."""

    @wraps(view)
    def guarded(request: VaultRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.opened_vault is not None:
            return view(request, *args, **kwargs)
        query = {"next": page_of(request)} | ({"away": "1"} if request.vault_lapsed else {})
        return redirect(f"{reverse('vault_open')}?{urlencode(query)}")

    return guarded
