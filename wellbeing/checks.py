"""System checks of the site: what is only fit for trying out is an error under `check --deploy`."""

import os
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.checks import check_admin_app
from django.core.checks import CheckMessage, Error, Tags, register

from core.hosts import LOCAL

_VARIABLES: Final = {"default": "WELLBEING_DATABASE_URL", "keystore": "WELLBEING_KEYSTORE_URL"}
_SAID_EVERYWHERE: Final = frozenset(
    {
        *("admin", "change-me", "changeme", "default", "example", "guest", "keystore", "password"),
        *("postgres", "redis", "root", "secret", "test", "valkey", "wellbeing"),
    }
)
_TLS_MODES: Final = {"require", "verify-ca", "verify-full"}


@register(Tags.admin)
def check_administration(**_: Any) -> list[CheckMessage]:
    """Django's own check, which comes before or after the addresses are read, would miss pages not found yet."""
    admin.autodiscover()
    return check_admin_app(app_configs=None)


@register(Tags.security, deploy=True)
def check_deployment(**_: Any) -> list[CheckMessage]:
    return [*_check_address(), *_check_databases(), *_check_redis(), *_check_mail(), *_check_signing_in()]


def _error(number: int, what: str, cure: str) -> Error:
    return Error(what, hint=cure, id=f"wellbeing.E{number:03}")


def _check_address() -> Iterator[Error]:
    if not settings.HTTPS:
        yield _error(
            1,
            "The site is served without HTTPS.",
            "Set WELLBEING_URL to its public https:// address. Browsers refuse the camera without it.",
        )
    elif not settings.SECURE_PROXY_SSL_HEADER:
        yield _error(
            4,
            "The site does not speak TLS itself, and does not know of the proxy that does.",
            "Set WELLBEING_BEHIND_PROXY=on, or every page leads to itself and limits count the proxy's address.",
        )


def _check_databases() -> Iterator[Error]:
    for alias, variable in _VARIABLES.items():
        database = settings.DATABASES[alias]
        if database["ENGINE"].endswith("sqlite3"):
            yield _error(
                2,
                "SQLite serves one machine.",
                f"Set {variable} to PostgreSQL. A second host would make a database of its own.",
            )
            continue
        if _is_known(database["PASSWORD"], database["USER"]):
            yield _guessed(variable)
        if not _has_tls(database):
            yield _error(
                7,
                f"What goes to the database of {variable} can be read on the way.",
                "Add ?sslmode=verify-full to it; at the least, ?sslmode=require.",
            )
    default, keystore = (settings.DATABASES[alias] for alias in _VARIABLES)
    if all(default[name] == keystore[name] for name in ("ENGINE", "HOST", "PORT", "NAME")):
        yield _error(
            6,
            "One database holds both the vaults and the keys that erase them.",
            "Set WELLBEING_KEYSTORE_URL to a database of its own: a backup of this one brings back what was erased.",
        )


def _check_redis() -> Iterator[Error]:
    if settings.EMBEDDED_VALKEY:
        yield _error(
            3,
            "The embedded Valkey serves one machine.",
            "Set WELLBEING_REDIS_URL to a Redis or Valkey that every web and worker host reaches.",
        )
    for variable, address in (("WELLBEING_REDIS_URL", settings.REDIS_URL), ("WELLBEING_BLOBS_URL", settings.BLOBS_URL)):
        parts = urlsplit(address)
        if parts.scheme not in {"redis", "rediss"} or _is_here(parts.hostname):
            continue
        if not parts.password:
            yield _error(
                8,
                f"Whoever reaches the Redis of {variable} may read and empty it: it has no password.",
                f"Give it one, and write it into {variable}: rediss://:PASSWORD@HOST:PORT.",
            )
        elif _is_known(parts.password, parts.username):
            yield _guessed(variable)


def _check_mail() -> Iterator[Error]:
    if not settings.EMAIL_HOST:
        yield _error(
            5,
            "Mail is printed on the terminal: nobody can reset a password, and addresses are not confirmed.",
            "Set WELLBEING_EMAIL_HOST to a mail server.",
        )
    elif not settings.EMAIL_TLS and not _is_here(settings.EMAIL_HOST):
        yield _error(
            9,
            "Links that open accounts go to the mail server readable by everybody on the way.",
            "Leave WELLBEING_EMAIL_TLS on; off is only for a mail server on this machine.",
        )
    if _is_known(settings.EMAIL_HOST_PASSWORD, settings.EMAIL_HOST_USER):
        yield _guessed("WELLBEING_EMAIL_PASSWORD")


def _check_signing_in() -> Iterator[Error]:
    if urlsplit(settings.OIDC_ISSUER).scheme == "http":
        yield _error(
            10,
            "Whoever stands between this site and the sign-in of the organisation can sign in as anybody.",
            "Set WELLBEING_OIDC_ISSUER to its https:// address.",
        )
    if settings.SIGNUP_OPEN and not settings.SIGNUP_DECLARED:
        yield _error(
            11,
            "Everybody who reaches the site can make an account.",
            "Set WELLBEING_SIGNUP=on if that is meant, or off: then administrators make accounts.",
        )


def _guessed(variable: str) -> Error:
    return _error(12, f"The password in {variable} is one that everybody tries first.", "Choose a long random one.")


def _is_known(password: str | None, user: str | None) -> bool:
    return bool(password) and (password == user or str(password).lower() in _SAID_EVERYWHERE)


def _is_here(host: str | None) -> bool:
    """Whether a server is on this machine; one without a name is reached by a socket."""
    if not host or host.startswith("/") or host in LOCAL:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _has_tls(database: dict[str, Any]) -> bool:
    """A host by a single name stands on the same network, as containers do."""
    host, mode = database["HOST"], database.get("OPTIONS", {}).get("sslmode") or os.environ.get("PGSSLMODE", "")
    if _is_here(host) or mode in _TLS_MODES:
        return True
    return "." not in host and ":" not in host and mode != "disable"
