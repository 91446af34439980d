from __future__ import annotations

from django.apps import AppConfig


class WellbeingConfig(AppConfig):
    name = "wellbeing"

    def ready(self) -> None:
        from wellbeing import checks  # noqa: F401, PLC0415 -- registers system checks
