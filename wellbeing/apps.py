from __future__ import annotations

from django.apps import AppConfig


class WellbeingConfig(AppConfig):
    name = "wellbeing"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wellbeing import checks  # noqa: F401, PLC0415 -- registers system checks, connects signals
        from accounts import receivers  # noqa: F401, PLC0415 -- registers system checks, connects signals
