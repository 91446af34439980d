"""Which pages need an open vault or a fresh proof of who is there, and where a person goes to give it."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account import app_settings as account_settings
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

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


def page_of(request: HttpRequest) -> str:
    """Where the person is: this address; of a form, which cannot be returned to, the page it stood on."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    if not _is_ours(request, came_from):
        return reverse(settings.LOGIN_REDIRECT_URL)
    return urlsplit(came_from)._replace(scheme="", netloc="", fragment="").geturl() or "/"


def safe_next(request: HttpRequest, default: str) -> str:
    """Where the person came from, when that is a page of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if _is_ours(request, target) else default


def _is_ours(request: HttpRequest, address: str) -> bool:
    hosts = {request.get_host()}
    return url_has_allowed_host_and_scheme(address, allowed_hosts=hosts, require_https=request.is_secure())
