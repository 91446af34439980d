"""What `manage.py setup` makes, for whom, and where it stops."""

import os
import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.files import close_to_others, make_private_folder
from research.load.postgresql import UNSAFE_BUT_QUICK, Cluster, find_programs

ROOT = Path(__file__).parent.parent.parent
_MAKE_VAULT = """
from tests.vaults import make_vault
from accounts.models import User
make_vault(User.objects.create_user("alice@example.org"))
"""


def manage(data_dir: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    given = {"WELLBEING_DATA_DIR": str(data_dir), "WELLBEING_ENV_FILE": os.devnull, **variables}
    # The usual umask: what is private is so by itself.
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=kept | given, capture_output=True, text=True, check=False, umask=0o022,
    )  # fmt: skip


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after its first setup, with one vault."""
    data_dir = tmp_path_factory.mktemp("setup") / "above" / "data"
    done = manage(data_dir, "setup")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Ready: keys, databases, catalogue and static files are in place.\n"
    assert manage(data_dir, "shell", "-v", "0", "-c", _MAKE_VAULT).returncode == 0
    return data_dir


@pytest.fixture
def data_dir(fresh: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fresh, tmp_path / "data"))


def test_a_fresh_data_folder_is_for_its_owner_alone(fresh: Path) -> None:
    modes = {path.relative_to(fresh).as_posix(): mode(path) for path in (fresh, *fresh.iterdir())}
    assert (modes["."], modes["keys"]) == (0o700, 0o700)
    assert (modes["wellbeing.sqlite3"], modes["keystore.sqlite3"]) == (0o600, 0o600)
    assert {mode(path) for path in (fresh / "keys").iterdir() if path.is_file()} == {0o600}


def test_a_data_folder_of_before_is_closed(data_dir: Path) -> None:
    data_dir.chmod(0o755)
    for name in ("wellbeing", "keystore"):
        (data_dir / f"{name}.sqlite3").chmod(0o644)
    done = manage(data_dir, "setup")
    assert (done.returncode, done.stderr) == (0, "")
    assert [mode(path) for path in (data_dir, *sorted(data_dir.glob("*.sqlite3")))] == [0o700, 0o600, 0o600]


def test_a_folder_that_somebody_arranged_to_share_is_left_and_named(data_dir: Path) -> None:
    data_dir.chmod(0o3777)
    done = manage(data_dir, "setup")
    assert done.returncode == 0
    assert f"Warning: others on this machine may read {data_dir}." in done.stderr
    assert mode(data_dir) == 0o3777
    data_dir.chmod(0o700)


def test_a_folder_of_somebody_else_is_not_ours_to_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    assert (close_to_others(tmp_path), mode(tmp_path)) == (False, 0o755)


def test_folders_above_a_private_one_are_private_when_they_are_new(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path / "a" / "b")
    assert [mode(path) for path in (tmp_path, tmp_path / "a", tmp_path / "a" / "b")] == [0o755, 0o700, 0o700]


def lose_keys(data_dir: Path) -> None:
    for path in (data_dir / "keys").rglob("*.keys"):
        path.unlink()


def test_setup_stops_rather_than_make_new_keys_for_a_database_that_has_vaults(data_dir: Path) -> None:
    lose_keys(data_dir)
    done = manage(data_dir, "setup")
    assert done.returncode == 1
    assert done.stderr == (
        f"CommandError: The server's keys in {data_dir / 'keys'} are not those of this database: put back the folder "
        "that belongs to it (docs/operations.md, Backups), or go on without on purpose with --accept-new-keys.\n"
    )
    assert list((data_dir / "keys").rglob("*.keys")) == []


def test_setup_stops_for_the_keys_of_another_database(data_dir: Path, tmp_path: Path) -> None:
    assert manage(tmp_path / "other", "setup").returncode == 0
    shutil.copytree(tmp_path / "other" / "keys", data_dir / "keys", dirs_exist_ok=True)
    assert manage(data_dir, "setup").returncode == 1


def test_new_keys_are_accepted_once_and_for_all(data_dir: Path) -> None:
    lose_keys(data_dir)
    assert manage(data_dir, "setup", "--accept-new-keys").returncode == 0
    assert len(list((data_dir / "keys").rglob("*.keys"))) == 4
    done = manage(data_dir, "setup")
    assert (done.returncode, done.stderr) == (0, "")


def test_setup_warns_of_what_is_only_fit_for_trying_out_at_a_public_address_alone(data_dir: Path) -> None:
    assert manage(data_dir, "setup").stderr == ""
    done = manage(data_dir, "setup", WELLBEING_URL="https://mood.example.org")
    assert done.returncode == 0
    assert "Everybody who reaches the site can make an account. Set WELLBEING_SIGNUP=on" in done.stderr


def test_setup_closes_a_key_folder_and_says_so(data_dir: Path) -> None:
    (data_dir / "keys").chmod(0o755)
    assert f"Closed to others on this machine: {data_dir}/keys" in manage(data_dir, "setup").stdout
    assert mode(data_dir / "keys") == 0o700


_LOSE_ONE = """
from emotion.models import Vault
from tests.vaults import make_vault
from vault.keystore.models import ErasureKey
from accounts.models import User
vault = make_vault(User.objects.create_user("bob@example.org"))
ErasureKey.objects.filter(vault_id=vault.vault_id).update(owner=None, public_key=None)
Vault.objects.filter(pk=vault.vault_id).update(binding=b"of a key that is gone")
"""


def test_damaged_key_file_is_named_in_one_sentence(data_dir: Path) -> None:
    (data_dir / "keys" / "frames.keys").write_text("garbage")
    done = manage(data_dir, "setup")
    assert (done.returncode, done.stderr) == (
        1,
        f"CommandError: {data_dir}/keys/frames.keys is not a list of base64 keys. "
        "Put back the folder that belongs to this database.\n",
    )


@pytest.mark.skipif(find_programs() is None, reason="PostgreSQL is not installed here")
def test_hosts_that_set_up_the_same_databases_at_once_wait_for_each_other(tmp_path: Path) -> None:
    cluster = Cluster(*UNSAFE_BUT_QUICK)
    try:
        cluster.start()
        cluster.create_database("keystore")
        variables = {
            "WELLBEING_DATABASE_URL": cluster.url(),
            "WELLBEING_KEYSTORE_URL": cluster.url("keystore"),
            "WELLBEING_KEYS_DIR": str(tmp_path / "keys"),
        }
        with ThreadPoolExecutor(2) as pool:
            hosts = [pool.submit(manage, tmp_path / name, "setup", **variables) for name in ("one", "two")]
            assert [(host.result().returncode, host.result().stderr) for host in hosts] == [(0, ""), (0, "")]
        assert (tmp_path / "two" / "static" / "staticfiles.json").is_file()
    finally:
        cluster.destroy()
