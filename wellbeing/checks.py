"""System checks of the site: what is only fit for trying out is an error under `check --deploy`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.checks import check_admin_app
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.admin)
def check_administration(**_: Any) -> list[CheckMessage]:
    """Django's own check, which comes before or after the addresses are read, would miss pages not found yet."""
    admin.autodiscover()
    return check_admin_app(app_configs=None)


@register(Tags.security, deploy=True)
def check_public_address(**_: Any) -> list[CheckMessage]:
    if settings.HTTPS:
        return []
    return [
        Error(
            "The site is served without HTTPS.",
            hint="Set WELLBEING_URL to its public https:// address. Browsers refuse the camera without it.",
            id="wellbeing.E001",
        )
    ]


@register(Tags.database, deploy=True)
def check_database(**_: Any) -> list[CheckMessage]:
    variables = {"default": "WELLBEING_DATABASE_URL", "keystore": "WELLBEING_KEYSTORE_URL"}
    return [
        Error(
            "SQLite serves one machine.",
            hint=f"Set {variable} to PostgreSQL. A second host would make a database of its own.",
            id="wellbeing.E002",
        )
        for alias, variable in variables.items()
        if settings.DATABASES[alias]["ENGINE"] == "django.db.backends.sqlite3"
    ]


@register(Tags.security, deploy=True)
def check_proxy(**_: Any) -> list[CheckMessage]:
    if not settings.HTTPS or settings.SECURE_PROXY_SSL_HEADER:
        return []
    return [
        Error(
            "The site does not speak TLS itself, and does not know of the proxy that does.",
            hint="Set WELLBEING_BEHIND_PROXY=on, or every page leads to itself and limits count the proxy's address.",
            id="wellbeing.E004",
        )
    ]


@register(deploy=True)
def check_mail(**_: Any) -> list[CheckMessage]:
    if not settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return []
    return [
        Error(
            "Mail is printed on the terminal: nobody can reset a password, and addresses are not confirmed.",
            hint="Set WELLBEING_EMAIL_HOST to a mail server.",
            id="wellbeing.E005",
        )
    ]


@register(Tags.security, deploy=True)
def check_valkey(**_: Any) -> list[CheckMessage]:
    if not settings.EMBEDDED_VALKEY:
        return []
    return [
        Error(
            "The embedded Valkey serves one machine.",
            hint="Set WELLBEING_REDIS_URL to a Redis or Valkey that every web and worker host reaches.",
            id="wellbeing.E003",
        )
    ]
