"""What happens whenever somebody signs in, by whichever way, or signs up."""

from typing import Any

from allauth.account.signals import user_signed_up
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.allauth_internals import record_authentication
from accounts.models import User
from accounts.session_store import start_session


@receiver(user_logged_in)
def note_start(request: HttpRequest, user: User, **_: Any) -> None:
    start_session(request, user)


@receiver(user_signed_up)
def note_password_chosen(request: HttpRequest, user: User, sociallogin: Any = None, **_: Any) -> None:
    """Who has just chosen a password is not asked for it again a minute later."""
    if sociallogin is None:
        record_authentication(request, user, method="password")
