"""System checks of this app."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from emotion.classifier.spec import ClassifierUnavailable
from emotion.services.workers import check_model


@register()
def check_classifier(**_: Any) -> list[CheckMessage]:
    try:
        check_model()
    except ClassifierUnavailable as error:
        return [
            Error(str(error), hint="Until then workers refuse to start; every page still works.", id="emotion.E001")
        ]
    return []
