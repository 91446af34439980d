"""Which pages need an open vault or a fresh proof of who is there, and where a person goes to give it."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urljoin

from allauth.account import app_settings as account_settings
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_POST

from accounts.allauth_internals import get_authentication_records, get_reauthentication_flows

View = Callable[..., HttpResponse]


def reauthentication_required(view: View) -> View:
    """Let in only who has signed in, or confirmed to be there, within the last minutes.

    Raises ReauthenticationRequired: `accounts.middleware.ReauthenticationMiddleware` asks, and leads back.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not was_here_lately(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return guarded


def was_here_lately(request: HttpRequest) -> bool:
    """Whether this session proved who uses it within `ACCOUNT_REAUTHENTICATION_TIMEOUT` seconds.

    The organisation's sign-in lets in whoever sits at a browser that it knows: that proves it only where a fresh
    sign-in was asked for, see `accounts.sign_on`.
    """
    records = get_authentication_records(request, request.user)
    proofs = [record for record in records if record["method"] != "socialaccount" or record.get("reauthenticated")]
    return any(time.time() - record["at"] < account_settings.REAUTHENTICATION_TIMEOUT for record in proofs)


def way_to_reauthenticate(request: HttpRequest) -> str:
    """The address that asks who is there and comes back to this page. What a form had sent is not kept anywhere."""
    flows = get_reauthentication_flows(request.user)
    if flows and flows[0]["id"] == "mfa_reauthenticate":
        has_codes = set(flows[0]["types"]) - {"webauthn"}
        page = reverse("mfa_reauthenticate" if has_codes else "mfa_reauthenticate_webauthn")
    elif flows:
        page = reverse("account_reauthenticate")
    elif settings.OIDC_ISSUER:
        page = reverse("oidc_confirm")
    else:
        page = reverse("account_login")
    return f"{page}?{urlencode({'next': page_of(request)})}"


def form_only(view: View) -> View:
    """Takes a form that stands on the page above this address, and is no page itself."""
    guarded = require_POST(view)
    guarded.__dict__["is_form_only"] = True
    return guarded


def page_of(request: HttpRequest) -> str:
    """Where the person is, to come back to; of a form that is no page itself, the page above it."""
    return find_page(request.path) or reverse(settings.LOGIN_REDIRECT_URL)


def safe_next(request: HttpRequest, default: str) -> str:
    """Where the person came from, when that is a page of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return find_page(target) or default


def find_page(address: str) -> str | None:
    """The page of this site at `address`, without its query.

    None for one that names something: the way back stands in an address too, which logs keep.
    """
    path = address.partition("?")[0]
    try:
        match = resolve(path)
    except Resolver404:
        return None
    if getattr(match.func, "is_form_only", False):
        return urljoin(path, "..")
    return path if not match.kwargs or match.app_name == "admin" else None
