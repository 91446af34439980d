"""Which pages need an open vault, and where a person goes to open it."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.decorators import View, page_of
from vault.http import VaultRequest


def vault_required(view: View) -> View:
    """Send a person with a locked vault to open it, and back here afterwards."""

    @wraps(view)
    def guarded(request: VaultRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.opened_vault is None:
            return redirect(way_to_open(request))
        return view(request, *args, **kwargs)

    return guarded


def way_to_open(request: VaultRequest) -> str:
    """The address of the page that opens the vault, knowing where to return and whether it closed by itself."""
    query = {"next": page_of(request)} | ({"away": "1"} if request.vault_lapsed else {})
    return f"{reverse('vault_open')}?{urlencode(query)}"
