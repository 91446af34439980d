"""Signing in with the organisation (OpenID Connect), and confirming by it who is there. It opens no vault.

Of what the provider tells, the subject and the e-mail address are kept. What goes wrong is logged by its kind and the
address that was asked, never with what was answered.
"""

import logging
import re
import time
from typing import Any, Final

from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from requests import RequestException

from accounts.allauth_internals import record_authentication
from accounts.decorators import safe_next, was_here_lately
from accounts.models import User

logger = logging.getLogger(__name__)

#: A provider rounds its times to seconds.
_ROUNDING_SECONDS: Final = 2
#: What an unreachable provider and one that answers with anything else come out as.
_FAULTS: Final = (RequestException, KeyError, ValueError)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return bool(settings.OIDC_SIGNUP)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Comes before anything is written. The claims of the id token live as long as this request."""
        sociallogin.claims = sociallogin.account.extra_data.get("id_token") or {}
        sociallogin.account.extra_data = {}
        user: User = super().populate_user(request, sociallogin, {"email": data.get("email")})
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Raises ImmediateHttpResponse, a page that says why, when a confirmation proved nothing."""
        asked = sociallogin.state.get("data")
        if not asked:
            return
        fault = find_fault(request.user, sociallogin, asked)
        if fault:
            logger.warning("sign-on: a confirmation proved nothing: %s", fault)
            raise ImmediateHttpResponse(
                render(request, "socialaccount/not_confirmed.html", {"fault": fault}, status=403)
            )
        account = sociallogin.account
        proof = {"provider": account.provider, "uid": account.uid, "reauthenticated": True}
        record_authentication(request, request.user, method="socialaccount", **proof)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: OpenIDConnectProvider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        if error != AuthError.CANCELLED:
            logger.warning("sign-on: %s", describe(exception, request.GET.get("error", "")))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    provider = _get_provider(request, provider_id)
    process = AuthProcess.CONNECT if request.GET.get("process") == AuthProcess.CONNECT else AuthProcess.LOGIN
    if request.method != "POST":
        return render(request, "socialaccount/login.html", {"provider": provider, "process": process})
    if process == AuthProcess.CONNECT:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not was_here_lately(request):
            raise ReauthenticationRequired
    return _lead_there(request, provider, process=process, next_url=safe_next(request, ""))


@login_not_required
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    provider = _get_provider(request, provider_id)
    try:
        response: HttpResponse = openid_connect.callback(request, provider_id)
    except _FAULTS as error:
        return _tell_fault(request, provider, error)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Asks the provider to ask for a fresh sign-in, whatever it remembers."""
    provider = _get_provider(request, settings.OIDC_PROVIDER_ID)
    if request.method != "POST":
        return render(request, "socialaccount/confirm.html", {"provider": provider})
    return _lead_there(
        request,
        provider,
        process=AuthProcess.REDIRECT,
        next_url=safe_next(request, reverse(settings.LOGIN_REDIRECT_URL)),
        data={"user": request.user.pk, "at": time.time()},
        auth_params={"prompt": "login", "max_age": "0"},
    )


def find_fault(user: Any, sociallogin: SocialLogin, asked: dict[str, Any]) -> str:
    """Why this is no fresh proof of `user`, asked for at `asked["at"]` by our clock: a code; empty when it is one.

    The provider's two times are only compared with each other, so its clock may be wrong.
    """
    claims = sociallogin.claims
    if not user.is_authenticated or not (asked["user"] == user.pk == sociallogin.user.pk):
        return "somebody_else"
    if claims.get("sub") != sociallogin.account.uid:
        return "somebody_else"
    if not isinstance(claims.get("auth_time"), int | float):
        return "not_told"
    took = time.time() - asked["at"]
    return "not_fresh" if claims["iat"] - claims["auth_time"] > took + _ROUNDING_SECONDS else ""


def describe(error: Exception | None, said: str = "") -> str:
    """What went wrong, for the log: its kind and where. `said`: the code that the provider sent people back with."""
    if error is None:
        return f"the provider answered {said}" if re.fullmatch(r"\w{1,40}", said) else "an answer nobody here asked for"
    if isinstance(error, RequestException) and error.request is not None:
        status = f" {error.response.status_code}" if error.response is not None else ""
        return f"{_kind(error)}{status} at {str(error.request.url).partition('?')[0]}"
    if error.__cause__ is not None:
        return f"{_kind(error.__cause__)} in the id token"
    # The code of RFC 6749 stands in the answer of the token endpoint.
    code = re.search(r'"error"\s*:\s*"(\w{1,40})"', str(error))
    return f"{code[1]} at the token endpoint" if code else _kind(error)


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _get_provider(request: HttpRequest, provider_id: str) -> OpenIDConnectProvider:
    try:
        return get_adapter(request).get_provider(request, provider_id)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error


def _lead_there(request: HttpRequest, provider: OpenIDConnectProvider, **options: Any) -> HttpResponse:
    """A page that leads on: Chromium holds every redirect that follows a form against `form-action`."""
    try:
        answer = provider.redirect(request, **options)
    except _FAULTS as error:
        return _tell_fault(request, provider, error)
    return render(request, "socialaccount/lead_on.html", {"provider": provider, "address": answer["Location"]})


def _tell_fault(request: HttpRequest, provider: OpenIDConnectProvider, error: Exception) -> HttpResponse:
    logger.error("sign-on: %s", describe(error))
    return render(request, "socialaccount/away.html", {"provider": provider}, status=503)
