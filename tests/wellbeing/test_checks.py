from types import SimpleNamespace

import pytest

from wellbeing import checks

ENGINE = "django.db.backends.{}"
PUBLIC = {
    "HTTPS": True,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "EMBEDDED_VALKEY": False,
    "EMAIL_HOST": "smtp.example.org",
    "DATABASES": {alias: {"ENGINE": ENGINE.format("postgresql")} for alias in ("default", "keystore")},
}
TRIED_OUT = {
    "HTTPS": False,
    "EMBEDDED_VALKEY": True,
    "EMAIL_HOST": "",
    "DATABASES": {alias: {"ENGINE": ENGINE.format("sqlite3")} for alias in ("default", "keystore")},
}


@pytest.mark.parametrize(
    ("change", "numbers"),
    [({}, []), ({"SECURE_PROXY_SSL_HEADER": None}, ["E004"]), (TRIED_OUT, ["E001", "E002", "E002", "E003", "E005"])],
)
def test_what_is_only_fit_for_trying_out_is_an_error(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, object], numbers: list[str]
) -> None:
    monkeypatch.setattr(checks, "settings", SimpleNamespace(**PUBLIC | change))
    assert [error.id for error in checks.check_deployment()] == [f"wellbeing.{number}" for number in numbers]


def test_each_database_is_named_by_its_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "settings", SimpleNamespace(**PUBLIC | {"DATABASES": TRIED_OUT["DATABASES"]}))
    hints = [str(error.hint).split()[1] for error in checks.check_deployment()]
    assert hints == ["WELLBEING_DATABASE_URL", "WELLBEING_KEYSTORE_URL"]
