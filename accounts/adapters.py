"""How people sign up and in: by password, passkey or the organisation's own sign-in. None of it opens a vault."""

import logging
from typing import Any, Final

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.throttling import UserRateThrottle

from accounts.allauth_internals import get_cache_key, get_reauthentication_flows, parse_rates
from accounts.browsers import knows_browser, name_browser, remember_browser
from accounts.decorators import was_here_lately
from accounts.mailings import mark_of, note_mailing
from accounts.models import User
from accounts.session_store import clear_expired
from core.exceptions import Unavailable
from core.mail import queue_mail

logger = logging.getLogger(__name__)

MAIL_FAILED = _("Our mail could not be sent just now, so none is on its way. Please try again in five minutes.")

#: In the session: for which address `mailings` knows what became of the mail.
MAILED_TO: Final = "mailed_to"

#: Sent with `user` and `browser` when somebody signs in with a browser they have not used before.
new_browser_signed_in = Signal()
#: Sent with `user` when an administrator gave the account another password.
password_given = Signal()
#: Sent with `user` and `made` when an API token is made or revoked.
token_changed = Signal()


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def clean_email(self, email: str) -> str:
        return User.objects.normalize_email(email)

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        clear_expired()
        if not knows_browser(request, user) and not details.get("signup"):
            browser = name_browser(request.headers.get("User-Agent", ""))
            new_browser_signed_in.send(sender=User, user=user, browser=browser)
        remember_browser(request, response, user)
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
        apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        seen = {
            "email": email,
            "days": account_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS,
            "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
            "signup_open": settings.SIGNUP_OPEN,
            "organisation": apps[0]["name"] if apps else "",
        }
        self.request.session[MAILED_TO] = mark_of(email)
        note_mailing(email, "queued")
        try:
            queue_mail(email, template_prefix, seen | context)
        except Unavailable:
            logger.error("mail %s was not queued: too many wait", template_prefix)
            note_mailing(email, "refused")
            self.request.mail_failed = True
            messages.error(self.request, MAIL_FAILED)


@transaction.atomic
def replace_addresses(request: HttpRequest, user: User) -> None:
    """Have `user.email`, given by somebody else, take the place of every address of the account.

    It counts as unconfirmed, for nobody has read a mail there yet. Resets mailed to the former ones end with them.
    """
    former = EmailAddress.objects.get_primary(user)
    EmailAddress.objects.filter(user=user).delete()
    address = EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    email_changed.send(
        sender=EmailAddress, request=request, user=user, from_email_address=former, to_email_address=address
    )


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
    cache.delete_many(keys)


def has_second_factor(user: User) -> bool:
    """An authenticator app or a passkey; recovery codes alone are none."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))
