from django.apps import AppConfig


class EmotionConfig(AppConfig):
    name = "emotion"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from emotion import checks  # noqa: F401, PLC0415 -- registers system checks
        from emotion.entry_words import CHECKS  # noqa: PLC0415 -- as those below
        from emotion.services.vault_captures import VaultCaptures  # noqa: PLC0415 -- needs the models
        from vault.dependants import DEPENDANTS  # noqa: PLC0415 -- needs the models
        from vault.journal.kinds import WORD_CHECKS  # noqa: PLC0415 -- as those above

        WORD_CHECKS.update(CHECKS)
        DEPENDANTS.append(VaultCaptures())
