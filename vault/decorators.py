"""Which pages need an open vault, and where a person goes to open it."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.decorators import View, page_of


def vault_required(view: View) -> View:
    """Send a person with a locked vault to open it, and back here afterwards."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.opened_vault is None:  # type: ignore[attr-defined]
            return redirect(way_to_open(request))
        return view(request, *args, **kwargs)

    return guarded


def way_to_open(request: HttpRequest) -> str:
    """The address of the page that opens the vault, knowing where to return and whether it closed by itself."""
    query = {"next": page_of(request)} | ({"away": "1"} if getattr(request, "vault_lapsed", False) else {})
    return f"{reverse('vault_open')}?{urlencode(query)}"
