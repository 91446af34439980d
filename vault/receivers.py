"""What happens to an account is noted in its person's journal, wherever it happens."""

from typing import Any

from django.dispatch import receiver

from accounts.choices import Event
from accounts.models import User
from accounts.notices import happened
from vault.services.audit import record_event
from vault.services.precautions import note_password_given


@receiver(happened)
def note_event(user: User, event: Event, detail: str, **_: Any) -> None:
    record_event(user=user, event=event, detail=detail)
    if event in {Event.PASSWORD_GIVEN, Event.PASSWORD_RESET}:
        note_password_given(user=user)
