"""What happens to an account is noted in its person's journal, wherever it happens."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import (
    email_added,
    email_changed,
    email_removed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.dispatch import receiver

from accounts.adapters import new_browser_signed_in, password_given, token_changed
from accounts.models import User
from vault.services.audit import record_event


@receiver(new_browser_signed_in)
def note_new_browser(user: User, browser: str, **_: Any) -> None:
    record_event(user=user, event="new_browser", detail=browser)


@receiver(authenticator_added)
def note_factor_added(user: User, authenticator: Any, **_: Any) -> None:
    record_event(user=user, event="second_factor_added", detail=authenticator.type)


@receiver(authenticator_removed)
def note_factor_removed(user: User, authenticator: Any, **_: Any) -> None:
    record_event(user=user, event="second_factor_removed", detail=authenticator.type)


@receiver(authenticator_reset)
def note_codes_made(user: User, **_: Any) -> None:
    record_event(user=user, event="second_factor_codes_made")


@receiver([password_changed, password_set, password_reset])
def note_password(user: User, **_: Any) -> None:
    record_event(user=user, event="password_changed")


@receiver(password_given)
def note_given_password(user: User, **_: Any) -> None:
    record_event(user=user, event="password_given")


@receiver([email_added, email_changed, email_removed])
def note_address(user: User, **_: Any) -> None:
    record_event(user=user, event="address_changed")


@receiver(token_changed)
def note_token(user: User, made: bool, **_: Any) -> None:
    record_event(user=user, event="token_made" if made else "token_revoked")
