"""What `check --deploy` refuses, each with the variable that cures it."""

from types import SimpleNamespace
from typing import Any

import dj_database_url
import pytest

from wellbeing import checks

DATABASE, KEYSTORE = "postgres://wb:k9-Mf27@db.example.org/wb?sslmode=require", "postgres://ks:p2-Lw83@keys/ks"
PUBLIC: dict[str, Any] = {
    "HTTPS": True,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "EMBEDDED_VALKEY": False,
    "REDIS_URL": "redis://:x7-Qd41@valkey.example.org:6379",
    "BLOBS_URL": "redis://:x7-Qd41@valkey.example.org:6379/1",
    "EMAIL_HOST": "smtp.example.org",
    "EMAIL_HOST_USER": "wellbeing",
    "EMAIL_HOST_PASSWORD": "r5-Tn66",
    "EMAIL_TLS": True,
    "OIDC_ISSUER": "https://login.example.org",
    "SIGNUP_OPEN": True,
    "SIGNUP_DECLARED": True,
}


def found(
    monkeypatch: pytest.MonkeyPatch, *, database: str = DATABASE, keystore: str = KEYSTORE, **change: Any
) -> list[tuple[str, str]]:
    """Number and cure of what is refused at a site that differs from a sound one by this."""
    databases = {"default": dj_database_url.parse(database), "keystore": dj_database_url.parse(keystore)}
    monkeypatch.setattr(checks, "settings", SimpleNamespace(**PUBLIC | {"DATABASES": databases} | change))
    monkeypatch.delenv("PGSSLMODE", raising=False)
    return [
        (str(error.id).removeprefix("wellbeing."), f"{error.msg} {error.hint}") for error in checks.check_deployment()
    ]


def test_a_sound_site_has_nothing_to_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch) == []


@pytest.mark.parametrize(
    ("change", "number", "variable"),
    [
        ({"HTTPS": False}, "E001", "WELLBEING_URL"),
        ({"SECURE_PROXY_SSL_HEADER": None}, "E004", "WELLBEING_BEHIND_PROXY"),
        ({"database": "sqlite:////a"}, "E002", "WELLBEING_DATABASE_URL"),
        ({"keystore": "sqlite:////a"}, "E002", "WELLBEING_KEYSTORE_URL"),
        ({"keystore": DATABASE}, "E006", "WELLBEING_KEYSTORE_URL"),
        ({"database": DATABASE.replace("require", "disable")}, "E007", "WELLBEING_DATABASE_URL"),
        ({"database": DATABASE.replace("require", "prefer")}, "E007", "WELLBEING_DATABASE_URL"),
        ({"database": DATABASE.partition("?")[0]}, "E007", "WELLBEING_DATABASE_URL"),
        ({"keystore": f"{KEYSTORE}?sslmode=disable"}, "E007", "WELLBEING_KEYSTORE_URL"),
        ({"EMBEDDED_VALKEY": True, "REDIS_URL": "", "BLOBS_URL": "unix:///s?db=1"}, "E003", "WELLBEING_REDIS_URL"),
        ({"REDIS_URL": "redis://valkey.example.org"}, "E008", "WELLBEING_REDIS_URL"),
        ({"REDIS_URL": "redis://valkey:6379"}, "E008", "WELLBEING_REDIS_URL"),
        ({"BLOBS_URL": "rediss://192.0.2.1:6379/1"}, "E008", "WELLBEING_BLOBS_URL"),
        ({"EMAIL_HOST": ""}, "E005", "WELLBEING_EMAIL_HOST"),
        ({"EMAIL_TLS": False}, "E009", "WELLBEING_EMAIL_TLS"),
        ({"OIDC_ISSUER": "http://login.example.org"}, "E010", "WELLBEING_OIDC_ISSUER"),
        ({"SIGNUP_DECLARED": False}, "E011", "WELLBEING_SIGNUP"),
        ({"database": DATABASE.replace("k9-Mf27", "Password")}, "E012", "WELLBEING_DATABASE_URL"),
        ({"keystore": KEYSTORE.replace("p2-Lw83", "ks")}, "E012", "WELLBEING_KEYSTORE_URL"),
        ({"REDIS_URL": "redis://:valkey@valkey.example.org"}, "E012", "WELLBEING_REDIS_URL"),
        ({"EMAIL_HOST_PASSWORD": "wellbeing"}, "E012", "WELLBEING_EMAIL_PASSWORD"),
    ],
)
def test_what_endangers_people_is_an_error_that_names_its_variable(
    change: dict[str, Any], number: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(told, words)] = found(monkeypatch, **change)
    assert (told, variable in words) == (number, True)


@pytest.mark.parametrize(
    "change",
    [
        {"database": "postgres:///wb"},
        {"database": "postgres://wb@localhost/wb"},
        {"database": "postgres://wb@database/wb"},
        {"keystore": DATABASE.replace("/wb?", "/keys?")},
        {"REDIS_URL": "redis://localhost:6379"},
        {"BLOBS_URL": "unix:///run/valkey.sock?db=1"},
        {"REDIS_URL": "redis://127.0.0.2:6379"},
        {"EMAIL_TLS": False, "EMAIL_HOST": "localhost"},
        {"OIDC_ISSUER": ""},
        {"SIGNUP_OPEN": False, "SIGNUP_DECLARED": True},
    ],
)
def test_what_stays_on_this_machine_or_network_is_no_error(
    change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(monkeypatch, **change) == []
