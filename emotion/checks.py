"""System checks of this app."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from emotion.classifier.spec import ClassifierUnavailable
from emotion.models import CameraDeclaration
from emotion.services.worker_health import check_model


@register()
def check_classifier(**_: Any) -> list[CheckMessage]:
    if not settings.CAMERA:
        return []
    try:
        check_model()
    except ClassifierUnavailable as error:
        return [
            Error(str(error), hint="Until then workers refuse to start; every page still works.", id="emotion.E001")
        ]
    return []


@register(Tags.security, deploy=True)
def check_declaration(**_: Any) -> list[CheckMessage]:
    """Where people work, no camera before somebody has said who answers for it."""
    with suppress(DatabaseError):
        if not settings.CAMERA or CameraDeclaration.objects.exists():
            return []
    return [
        Error(
            "The camera is on, and nobody has declared to answer for it.",
            hint="Run manage.py declare_camera (who, legal basis, region, impact assessment), or WELLBEING_CAMERA=off.",
            id="emotion.E002",
        )
    ]
