from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.files import read_or_create
from wellbeing.env import read_bool, read_int, read_list, read_secrets, valkey_socket


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
