"""Typed readers for `WELLBEING_*` environment variables; a bad value stops start-up in one sentence."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Collection
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from core.files import read_or_create
from core.hosts import join_host, to_ascii
from vault.crypto.keys.files import parse_key_lines

# A Unix socket's path must fit `sockaddr_un.sun_path`: 104 bytes on macOS, 108 on Linux.
_SOCKET_PATH_LIMIT = 100
_PORTS = {"http": 80, "https": 443}


def read_str(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


# Here, so that whoever reads a variable has the file read: gunicorn's settings are read before the site's.
_named = read_str("WELLBEING_ENV_FILE", "")
if _named and not Path(_named).exists():
    raise ImproperlyConfigured(f"WELLBEING_ENV_FILE names {_named}, which is not there.")
_file = Path(_named or Path(__file__).resolve().parent.parent / ".env")
try:
    load_dotenv(_file)
except OSError as error:
    raise ImproperlyConfigured(f"{_file} cannot be read: {error.strerror}.") from error
except UnicodeDecodeError as error:
    raise ImproperlyConfigured(f"{_file} is not text in UTF-8 (byte {error.start}): save it as UTF-8.") from error


def read_zone(name: str, default: str) -> str:
    value = read_str(name, default)
    if value not in available_timezones():
        raise ImproperlyConfigured(f"{name} must be a time zone such as Europe/Berlin, not {value!r}.")
    return value


def read_choice(name: str, default: str, choices: Collection[str]) -> str:
    value = read_str(name, default).upper()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def read_secret(name: str, default: str = "") -> str:
    """The value of `name`, or the content of the file that `name`_FILE names, as containers are given secrets."""
    value, file = read_str(name, ""), read_str(f"{name}_FILE", "")
    if value and file:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: leave one of them out.")
    return (_read_secret(f"{name}_FILE", file) if file else value) or default


def read_url(name: str, default: str, schemes: Collection[str]) -> str:
    """An address of one of these schemes; what else is in it may be a password, and is not repeated."""
    value = read_secret(name, default)
    if value and urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    return value


def read_site(name: str, default: str) -> str:
    """The address of the site: scheme, host and perhaps port, in the spelling that browsers send, without a slash."""
    value = read_str(name, default)
    try:
        parts = urlsplit(value)
        host, port = to_ascii(parts.hostname or ""), parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}, which is no address: {error}.") from error
    if parts.scheme not in _PORTS or not host:
        raise ImproperlyConfigured(f"{name} must look like https://mood.example.org, not {value!r}.")
    if parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"{name} is {value!r}, but the site needs a host name of its own: it cannot live under {parts.path}."
        )
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ImproperlyConfigured(f"{name} must be scheme and host alone, such as https://mood.example.org.")
    return f"{parts.scheme}://{join_host(host, None if port == _PORTS[parts.scheme] else port)}"


def read_bind() -> str:
    """Where the web process listens, an IPv6 address without its brackets."""
    return read_str("WELLBEING_BIND", "127.0.0.1").strip("[]")


def read_sender(name: str, default: str) -> str:
    """Whom mails are from: an address, which gets the name of the product when it has none."""
    shown, address = parseaddr(read_str(name, default))
    if "@" not in address:
        raise ImproperlyConfigured(f"{name} must be an e-mail address, such as wellbeing@example.org.")
    return formataddr((shown or "Wellbeing", address))


def read_bool(name: str, default: bool) -> bool:
    value = read_str(name, "on" if default else "off").lower()
    if value in {"on", "true", "yes", "1"}:
        return True
    if value in {"off", "false", "no", "0"}:
        return False
    raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}.")


def read_int(name: str, default: int, *, low: int, high: int) -> int:
    text = read_str(name, str(default))
    try:
        value = int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.") from None
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name} must be between {low} and {high}, not {value}.")
    return value


def read_list(name: str, default: list[str]) -> list[str]:
    text = read_secret(name)
    return [part.strip() for part in text.split(",") if part.strip()] if text else default


def read_secrets(name: str, *, file: Path) -> list[str]:
    """The secret in `name`, else in the file that `name`_FILE names; else the lines of `file`, made with one of them.

    The first is the one to use, the others are accepted too.
    """
    value = read_secret(name)
    if value:
        return [value]
    content = read_or_create(file, lambda: secrets.token_urlsafe(64).encode()).decode()
    return [line.text for line in parse_key_lines(content)]


def _read_secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{variable} names {path}, which cannot be read: {error.strerror}.") from error


def oidc_apps(provider_id: str, issuer: str) -> list[dict[str, Any]]:
    """What allauth needs to know of the one OpenID Connect provider; empty when none is named."""
    if not issuer:
        return []
    if urlsplit(issuer).scheme not in {"http", "https"} or not urlsplit(issuer).hostname:
        raise ImproperlyConfigured(f"WELLBEING_OIDC_ISSUER must look like https://login.example.org, not {issuer!r}.")
    client_id = read_str("WELLBEING_OIDC_CLIENT_ID", "")
    secret = read_secret("WELLBEING_OIDC_CLIENT_SECRET")
    if not client_id or not secret:
        raise ImproperlyConfigured(
            "WELLBEING_OIDC_ISSUER also needs WELLBEING_OIDC_CLIENT_ID and WELLBEING_OIDC_CLIENT_SECRET_FILE."
        )
    return [
        {
            "provider_id": provider_id,
            "name": read_str("WELLBEING_OIDC_NAME", "your organisation"),
            "client_id": client_id,
            "secret": secret,
            "settings": {"server_url": issuer},
        }
    ]


def valkey_socket(data_dir: Path) -> Path:
    """Where the embedded Valkey listens: in the data folder, or in a short private one when that path is too long."""
    path = data_dir / "valkey" / "valkey.sock"
    if len(str(path).encode()) < _SOCKET_PATH_LIMIT:
        return path
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"wellbeing-{os.getuid()}-{digest}" / "valkey.sock"
