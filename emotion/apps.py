from __future__ import annotations

from django.apps import AppConfig


class EmotionConfig(AppConfig):
    name = "emotion"
    default_auto_field = "django.db.models.BigAutoField"
