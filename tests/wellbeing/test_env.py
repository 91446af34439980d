import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.files import read_or_create
from wellbeing.env import read_bool, read_int, read_list, read_secret, read_secrets, read_url, valkey_socket


@pytest.mark.parametrize(("text", "value"), [("on", True), ("Yes", True), ("0", False), ("off", False), ("", True)])
def test_env_bool_reads_plain_words_and_falls_back(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("WELLBEING_X", text)
    assert read_bool("WELLBEING_X", True) is value


def test_env_bool_refuses_anything_else_naming_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WELLBEING_X", "maybe")
    with pytest.raises(ImproperlyConfigured, match="WELLBEING_X must be on or off, not 'maybe'"):
        read_bool("WELLBEING_X", True)


@pytest.mark.parametrize(
    ("text", "message"), [("ten", "must be a whole number"), ("70000", "must be between 1 and 65535")]
)
def test_env_int_refuses_words_and_out_of_range(monkeypatch: pytest.MonkeyPatch, text: str, message: str) -> None:
    monkeypatch.setenv("WELLBEING_X", text)
    with pytest.raises(ImproperlyConfigured, match=message):
        read_int("WELLBEING_X", 8000, low=1, high=65535)


def test_env_list_splits_on_commas_and_drops_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WELLBEING_X", "a.example, ,b.example,")
    assert read_list("WELLBEING_X", []) == ["a.example", "b.example"]


def test_env_secret_names_the_file_that_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WELLBEING_X_FILE", str(tmp_path / "gone"))
    with pytest.raises(ImproperlyConfigured, match=r"WELLBEING_X_FILE names .*gone, which cannot be read"):
        read_secrets("WELLBEING_X", file=tmp_path / "made")


def test_env_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    [first] = read_secrets("WELLBEING_UNSET", file=tmp_path / "keys" / "secret")
    assert read_secrets("WELLBEING_UNSET", file=tmp_path / "keys" / "secret") == [first]
    assert (tmp_path / "keys" / "secret").stat().st_mode & 0o777 == 0o600
    assert len(first) == 86


def _create(path: Path) -> bytes:
    import secrets

    return read_or_create(path, lambda: secrets.token_bytes(32))


def test_processes_starting_together_agree_on_one_secret(tmp_path: Path) -> None:
    with ProcessPoolExecutor(6) as pool:
        for turn in range(20):
            values = set(pool.map(_create, [tmp_path / f"key-{turn}"] * 6))
            assert len(values) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(f"key-{turn}" for turn in range(20))


def test_valkey_socket_moves_when_the_data_folder_is_too_deep() -> None:
    assert valkey_socket(Path("/srv/mood")) == Path("/srv/mood/valkey/valkey.sock")
    deep = valkey_socket(Path("/srv") / ("x" * 120))
    assert len(str(deep)) < 100
    assert deep != valkey_socket(Path("/srv") / ("y" * 120))


def test_any_secret_may_be_the_content_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("postgres://somebody:word@host/name\n")
    monkeypatch.setenv("WELLBEING_X_FILE", str(file))
    assert read_secret("WELLBEING_X") == "postgres://somebody:word@host/name"
    assert read_url("WELLBEING_X", "", ("postgres",)) == "postgres://somebody:word@host/name"
    assert read_list("WELLBEING_X", []) == ["postgres://somebody:word@host/name"]
    assert read_secret("WELLBEING_Y", "none") == "none"


def test_secret_that_is_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WELLBEING_X", "one")
    monkeypatch.setenv("WELLBEING_X_FILE", str(tmp_path / "two"))
    with pytest.raises(ImproperlyConfigured, match="WELLBEING_X and WELLBEING_X_FILE are both set"):
        read_secret("WELLBEING_X")


@pytest.mark.parametrize(
    ("variable", "value", "setting"),
    [
        ("WELLBEING_DATABASE_URL", "postgres://a:b@c/d", "DATABASES['default']['PASSWORD'] == 'b'"),
        ("WELLBEING_KEYSTORE_URL", "postgres://a:b@c/d", "DATABASES['keystore']['PASSWORD'] == 'b'"),
        ("WELLBEING_REDIS_URL", "redis://:b@c:1", "BROKER_REDIS_URL == 'redis://:b@c:1/0'"),
        ("WELLBEING_BLOBS_URL", "redis://:b@c:1/0", "BLOBS_URL == 'redis://:b@c:1/0'"),
        ("WELLBEING_SECRET_KEY", "b" * 60, "SECRET_KEY == 'b' * 60 and SECRET_KEY_FILE is None"),
        ("WELLBEING_SECRET_KEY_FALLBACKS", "b,c", "SECRET_KEYS_GIVEN == ['b', 'c']"),
        ("WELLBEING_EMAIL_PASSWORD", "b", "EMAIL_HOST_PASSWORD == 'b'"),
        ("WELLBEING_METRICS_TOKEN", "b", "METRICS_TOKEN == 'b'"),
        ("WELLBEING_OIDC_CLIENT_SECRET", "b", "OIDC_ISSUER and 'b' == "
         "SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS'][0]['secret']"),
    ],
)  # fmt: skip
def test_every_setting_that_holds_a_secret_takes_a_file(
    variable: str, value: str, setting: str, tmp_path: Path
) -> None:
    file = tmp_path / "given"
    file.write_text(f"{value}\n")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    environment = kept | {
        "WELLBEING_DATA_DIR": str(tmp_path), "WELLBEING_ENV_FILE": os.devnull, f"{variable}_FILE": str(file),
        "WELLBEING_OIDC_ISSUER": "https://login.example.org" if "OIDC" in variable else "",
        "WELLBEING_OIDC_CLIENT_ID": "site",
    }  # fmt: skip
    code = f"from wellbeing.settings import *; assert {setting}"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], env=environment, check=True)
