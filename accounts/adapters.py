"""How people sign up and in: by password, passkey or the organisation's own sign-in. None of it opens a vault."""

import logging
from typing import Any, Final

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from rest_framework.throttling import UserRateThrottle

from accounts.allauth_internals import consume, get_cache_key, get_reauthentication_flows, parse_rates
from accounts.browsers import knows_browser, mark_of, name_browser
from accounts.choices import Event
from accounts.decorators import find_page, was_here_lately
from accounts.limits import limit_keys
from accounts.mailings import key_of_address, note_mailing
from accounts.models import User
from accounts.notices import report
from accounts.session_store import clear_expired
from core.exceptions import Unavailable
from core.mail import queue_mail

logger = logging.getLogger(__name__)

MAIL_FAILED = _("Our mail could not be sent just now, so none is on its way. Please try again in five minutes.")

#: In the session: for which address `mailings` knows what became of the mail.
MAILED_TO: Final = "mailed_to"
_BEGUN: Final = "sign_in_begun"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def is_safe_url(self, url: str | None) -> bool:
        """Whether signing in may lead there."""
        return url is not None and find_page(url) == url

    def clean_email(self, email: str) -> str:
        return User.objects.normalize_email(email)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """What strangers guess elsewhere shuts nobody out of a browser they have signed in with."""
        known = [user for user in _find_people(request, credentials) if knows_browser(request, user)]
        if not known:
            super().pre_authenticate(request, **credentials)
            return
        key = mark_of(known[0])
        self._login_failed_rl_usage = consume(request, app="allauth.account", action="login_failed_here", key=key)
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def pre_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse | None:
        request.session[_BEGUN] = user.get_session_auth_hash()
        response: HttpResponse | None = super().pre_login(request, user, **details)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """A password that was right when the second step was asked for, and is not any more, signs nobody in."""
        if request.session.pop(_BEGUN, "") != user.get_session_auth_hash():
            raise ImmediateHttpResponse(redirect(settings.LOGIN_URL))
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        clear_expired()
        if not knows_browser(request, user) and not details.get("signup"):
            browser = name_browser(request.headers.get("User-Agent", ""))
            report(user, Event.NEW_BROWSER, detail=browser)
        return response

    def is_reauthentication_required(self, *, app: str, **details: Any) -> bool:
        """Signing in a moment ago proves as much as confirming does, which alone allauth counts.

        Raises ReauthenticationRequired.
        """
        required = super().is_reauthentication_required(app=app, **details) and not was_here_lately(self.request)
        if required and not get_reauthentication_flows(self.request.user):
            # allauth would let in whoever signs in with the organisation alone.
            raise ReauthenticationRequired
        return bool(required)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Say on the next page when no mail could be queued: what it was to follow is done all the same.

        Whether the address has an account makes no difference, for it is written to either way.
        """
        apps: list[dict[str, Any]] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        seen = {
            "email": email,
            "days": account_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS,
            "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
            "signup_open": settings.SIGNUP_OPEN,
            "organisation": apps[0]["name"] if apps else "",
        }
        self.request.session[MAILED_TO] = key_of_address(email)
        note_mailing(email, "queued")
        try:
            queue_mail(email, template_prefix, seen | context)
        except Unavailable:
            logger.error("mail %s was not queued: too many wait", template_prefix)
            note_mailing(email, "refused")
            self.request.mail_failed = True
            messages.error(self.request, MAIL_FAILED)


def _find_people(request: HttpRequest, credentials: dict[str, Any]) -> list[User]:
    """Whom the address typed belongs to; not looked for where the browser knows nobody."""
    if settings.BROWSER_COOKIE_NAME not in request.COOKIES:
        return []
    people: list[User] = filter_users_by_email(credentials.get("email") or "", is_active=True)
    return people


@transaction.atomic
def replace_addresses(request: HttpRequest, user: User) -> None:
    """Have `user.email`, given by somebody else, take the place of every address of the account.

    It counts as unconfirmed, for nobody has read a mail there yet. Resets mailed to the former ones end with them.
    """
    former = list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    report(user, Event.ADDRESS_CHANGED, here=request, also=former)


def forget_limits(user: User) -> None:
    """Drop what the limits on guessing and flooding have counted under this account's number."""
    keys = [
        get_cache_key(None, app="allauth.account", action=action, rate=rate, user=user)
        for action, rates in account_settings.RATE_LIMITS.items()
        for rate in parse_rates(rates)
        if rate.per == "user"
    ]
    scopes = [throttle.scope for throttle in UserRateThrottle.__subclasses__()]
    keys += [UserRateThrottle.cache_format % {"scope": scope, "ident": user.pk} for scope in scopes]
    cache.delete_many([*keys, *limit_keys(user)])


def has_second_factor(user: User) -> bool:
    """An authenticator app or a passkey; recovery codes alone are none."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))
