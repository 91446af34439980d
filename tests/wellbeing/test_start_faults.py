"""What the disk refuses is told in one sentence that names the path and who has to own it."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError

from wellbeing.start_faults import tell_fault

ROOT = Path(__file__).parent.parent.parent
#: Root may write everywhere; without that it is like any other user.
_PLAIN = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []

pytestmark = pytest.mark.skipif(bool(_PLAIN) and not shutil.which("setpriv"), reason="root may write everywhere")


def _start(data_dir: Path, *command: str, env_file: str = os.devnull) -> str:
    """What it said before it gave up."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    environment = kept | {"WELLBEING_DATA_DIR": str(data_dir), "WELLBEING_ENV_FILE": env_file}
    ended = subprocess.run(
        [*_PLAIN, sys.executable, "manage.py", *(command or ["setup"])],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 1
    return ended.stderr


def _read_only(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o500)
    return folder


def _below_read_only(folder: Path) -> Path:
    return _read_only(folder) / "data"


def _file(folder: Path) -> Path:
    folder.write_text("not a folder")
    return folder


def _with_read_only(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        folder.mkdir(mode=0o700)
        _read_only(folder / name)
        return folder

    return make


def _with_unreadable_key(folder: Path) -> Path:
    (folder / "keys" / "web").mkdir(parents=True, mode=0o700)
    (folder / "keys" / "web" / "secret-key").touch(mode=0o000)
    return folder


def _with_unreadable_database(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    (folder / "wellbeing.sqlite3").touch(mode=0o000)
    return folder


@pytest.mark.parametrize(
    "make",
    [
        _read_only, _below_read_only, _file, _with_read_only("keys"), _with_read_only("static"), _with_unreadable_key,
        _with_unreadable_database,
    ],
)  # fmt: skip
def test_folder_that_cannot_be_written_is_told_in_one_sentence(make: Callable[[Path], Path], tmp_path: Path) -> None:
    told = _start(make(tmp_path / "place"))
    assert "Traceback" not in told
    last = told.strip().splitlines()[-1]
    assert "cannot be used: " in last
    assert "have to belong to" in last
    assert "WELLBEING_DATA_DIR" in last


def test_read_only_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    environment = kept | {"WELLBEING_DATA_DIR": str(tmp_path), "WELLBEING_ENV_FILE": os.devnull}
    subprocess.run([sys.executable, "manage.py", "setup"], cwd=ROOT, env=environment, check=True, capture_output=True)
    for path in tmp_path.glob("*.sqlite3*"):
        path.chmod(0o400)
    tmp_path.chmod(0o500)
    for command in ("setup", "serve"):
        told = _start(tmp_path, command)
        assert "Traceback" not in told
        assert "have to belong to" in told
    tmp_path.chmod(0o700)


def test_damaged_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "wellbeing.sqlite3").write_bytes(b"SQLite format 3\0" + b"x" * 4096)
    told = _start(tmp_path)
    assert "Traceback" not in told
    assert "Put back a backup of it" in told


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_settings_file_in_another_encoding_is_told_in_one_sentence(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_bytes("WELLBEING_EMAIL_FROM=Müller".encode(encoding))
    told = _start(tmp_path, "check", env_file=str(file))
    assert "Traceback" not in told
    assert told.startswith(f"{file} is not text in UTF-8 (byte ")


def test_shared_memory_that_cannot_be_written_is_told_in_one_sentence() -> None:
    told = tell_fault(OSError(errno.EROFS, os.strerror(errno.EROFS)), "serve")
    assert told == "This machine refuses: Read-only file system. Temporary files and /dev/shm have to be writable."


@pytest.mark.parametrize("error", [ValueError("a mistake"), DatabaseError("of PostgreSQL"), OSError("no number")])
def test_what_is_no_fault_of_the_disk_stays_as_it_is(error: Exception) -> None:
    assert tell_fault(error, "setup") is None


def test_other_commands_tell_of_their_own_files() -> None:
    assert tell_fault(FileNotFoundError(errno.ENOENT, "No such file", "picture.jpg"), "classify") is None
