"""What happens whenever somebody signs in, by whichever way."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from wellbeing.models import User
from wellbeing.sessions import start_session


@receiver(user_logged_in)
def note_start(request: HttpRequest, user: User, **_: Any) -> None:
    start_session(request, user)
