"""What happens to an account is noted in its person's journal, wherever it happens."""

from typing import Any, Final

from allauth.account.signals import (
    email_added,
    email_changed,
    email_removed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.dispatch import Signal, receiver

from accounts.adapters import new_browser_signed_in, password_given, token_changed
from accounts.models import User
from vault.journal.kinds import Event
from vault.services.audit import record_event

_EVENTS: Final[dict[Signal, Event]] = {
    authenticator_reset: "second_factor_codes_made",
    password_changed: "password_changed",
    password_set: "password_changed",
    password_reset: "password_changed",
    password_given: "password_given",
    email_added: "address_changed",
    email_changed: "address_changed",
    email_removed: "address_changed",
}


@receiver(list(_EVENTS))
def note_event(signal: Signal, user: User, **_: Any) -> None:
    record_event(user=user, event=_EVENTS[signal])


@receiver(new_browser_signed_in)
def note_new_browser(user: User, browser: str, **_: Any) -> None:
    record_event(user=user, event="new_browser", detail=browser)


@receiver([authenticator_added, authenticator_removed])
def note_factor(signal: Signal, user: User, authenticator: Any, **_: Any) -> None:
    event: Event = "second_factor_added" if signal is authenticator_added else "second_factor_removed"
    record_event(user=user, event=event, detail=authenticator.type)


@receiver(token_changed)
def note_token(user: User, made: bool, **_: Any) -> None:
    record_event(user=user, event="token_made" if made else "token_revoked")
