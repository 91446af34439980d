from __future__ import annotations

from django.apps import AppConfig


class EmotionConfig(AppConfig):
    name = "emotion"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from emotion import checks  # noqa: F401, PLC0415 -- registers system checks
        from emotion.services.vault_captures import VaultCaptures  # noqa: PLC0415 -- needs the models
        from vault.dependants import DEPENDANTS  # noqa: PLC0415 -- needs the models

        DEPENDANTS.append(VaultCaptures())
