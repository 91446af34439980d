"""What follows whenever somebody signs in, up or out, by whichever way, or changes what signs them in."""

from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.account.signals import (
    email_added,
    email_changed,
    email_removed,
    password_changed,
    password_reset,
    password_set,
    user_signed_up,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from accounts.allauth_internals import record_authentication
from accounts.choices import Event
from accounts.models import User
from accounts.notices import happened, report
from accounts.session_store import start_session

_EVENTS: Final[dict[Signal, Event]] = {
    authenticator_reset: Event.SECOND_FACTOR_CODES_MADE,
    password_changed: Event.PASSWORD_CHANGED,
    password_set: Event.PASSWORD_CHANGED,
    password_reset: Event.PASSWORD_RESET,
    email_added: Event.ADDRESS_ADDED,
}


@receiver(user_logged_in)
def note_start(request: HttpRequest, user: User, **_: Any) -> None:
    start_session(request, user)


@receiver(user_logged_out)
def note_end(request: HttpRequest, **_: Any) -> None:
    """`accounts.middleware.SessionMarksMiddleware` has the browser forget the pages it kept."""
    request.is_signed_out = True  # type: ignore[attr-defined]


@receiver(user_signed_up)
def note_password_chosen(request: HttpRequest, user: User, sociallogin: Any = None, **_: Any) -> None:
    """Who has just chosen a password is not asked for it again a minute later."""
    if sociallogin is None:
        record_authentication(request, user, method="password")


@receiver(list(_EVENTS))
def note_event(signal: Signal, user: User, request: HttpRequest | None, **_: Any) -> None:
    report(user, _EVENTS[signal], here=request)


@receiver([authenticator_added, authenticator_removed])
def note_factor(
    signal: Signal, user: User, request: HttpRequest | None, authenticator: Authenticator, **_: Any
) -> None:
    event = Event.SECOND_FACTOR_ADDED if signal is authenticator_added else Event.SECOND_FACTOR_REMOVED
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        # They come and go with an app or a passkey, which is told already.
        happened.send(sender=User, user=user, event=event, detail=authenticator.type)
    else:
        report(user, event, detail=authenticator.type, here=request)


@receiver(email_changed)
def note_address(user: User, request: HttpRequest | None, from_email_address: EmailAddress | None, **_: Any) -> None:
    former = [from_email_address.email] if from_email_address else []
    report(user, Event.ADDRESS_CHANGED, here=request, also=former)


@receiver(email_removed)
def note_address_removed(user: User, request: HttpRequest, email_address: EmailAddress, **_: Any) -> None:
    report(user, Event.ADDRESS_CHANGED, here=request, also=[email_address.email] if email_address.verified else [])


@receiver([social_account_added, social_account_removed])
def note_sign_in(signal: Signal, request: HttpRequest, **details: Any) -> None:
    """The organisation's sign-in was connected to an account, or taken off it."""
    is_added = signal is social_account_added
    account: SocialAccount = details["sociallogin"].account if is_added else details["socialaccount"]
    report(account.user, Event.SIGN_IN_ADDED if is_added else Event.SIGN_IN_REMOVED, here=request)
