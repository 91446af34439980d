from django.apps import AppConfig


class WellbeingConfig(AppConfig):
    name = "wellbeing"

    def ready(self) -> None:
        # The one tells tasks where their broker is, the other registers system checks.
        from wellbeing import celery, checks  # noqa: F401, PLC0415
