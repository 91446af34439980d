"""System checks of the site: what is only fit for trying out is an error under `check --deploy`."""

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
def check_deployment(**_: Any) -> list[CheckMessage]:
    sqlite = [alias for alias, database in settings.DATABASES.items() if database["ENGINE"].endswith("sqlite3")]
    variables = {"default": "WELLBEING_DATABASE_URL", "keystore": "WELLBEING_KEYSTORE_URL"}
    wrong = [
        (
            not settings.HTTPS,
            "E001",
            "The site is served without HTTPS.",
            "Set WELLBEING_URL to its public https:// address. Browsers refuse the camera without it.",
        ),
        *(
            (
                True,
                "E002",
                "SQLite serves one machine.",
                f"Set {variables[alias]} to PostgreSQL. A second host would make a database of its own.",
            )
            for alias in sqlite
        ),
        (
            settings.EMBEDDED_VALKEY,
            "E003",
            "The embedded Valkey serves one machine.",
            "Set WELLBEING_REDIS_URL to a Redis or Valkey that every web and worker host reaches.",
        ),
        (
            settings.HTTPS and not settings.SECURE_PROXY_SSL_HEADER,
            "E004",
            "The site does not speak TLS itself, and does not know of the proxy that does.",
            "Set WELLBEING_BEHIND_PROXY=on, or every page leads to itself and limits count the proxy's address.",
        ),
        (
            not settings.EMAIL_HOST,
            "E005",
            "Mail is printed on the terminal: nobody can reset a password, and addresses are not confirmed.",
            "Set WELLBEING_EMAIL_HOST to a mail server.",
        ),
    ]
    return [Error(what, hint=cure, id=f"wellbeing.{number}") for is_wrong, number, what, cure in wrong if is_wrong]
