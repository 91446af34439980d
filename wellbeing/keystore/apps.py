from __future__ import annotations

from django.apps import AppConfig


class KeystoreConfig(AppConfig):
    name = "wellbeing.keystore"
    label = "keystore"
    default_auto_field = "django.db.models.BigAutoField"
