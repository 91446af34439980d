"""Which pages need an open vault, and where a person goes to open it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

View = Callable[..., HttpResponse]


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
    here = request.get_full_path() if request.method == "GET" else request.path
    query = {"next": here} | ({"away": "1"} if getattr(request, "vault_lapsed", False) else {})
    return f"{reverse('vault_open')}?{urlencode(query)}"


def safe_next(request: HttpRequest, default: str) -> str:
    """Where the person came from, when that is a page of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts=hosts, require_https=request.is_secure())
    return target if is_ours else default
