"""Sends the keystore's only table to the `keystore` database, and nothing else there."""

from typing import Any

from django.db import models

_ALIAS = "keystore"


class KeystoreRouter:
    def db_for_read(self, model: type[models.Model], **_: Any) -> str | None:
        return _ALIAS if model._meta.app_label == _ALIAS else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool:
        return (db == _ALIAS) == (app_label == _ALIAS)
