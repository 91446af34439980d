"""A throw-away PostgreSQL cluster for one test run: `python -m pytest -p tests.postgresql ...`."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

_VARIABLE = "WELLBEING_TEST_DATABASE_URL"
# Tests need no durability, only PostgreSQL's rules.
_OPTIONS = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=50"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start the cluster before Django reads its settings; the workers of a parallel run inherit its address."""
    if _VARIABLE in os.environ:
        return
    programs = find_programs()
    if programs is None:
        pytest.exit("PostgreSQL is not installed here, so the database tests ran on SQLite alone.", returncode=0)
    os.environ[_VARIABLE] = start_cluster(programs)


def find_programs() -> Path | None:
    """The folder of the newest `pg_ctl`, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    named = shutil.which("pg_ctl")
    return found[-1].parent if found else Path(named).parent if named else None


def start_cluster(programs: Path) -> str:
    """The URL of a fresh cluster that stops and vanishes when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="wellbeing-postgresql-"))
    user = _unprivileged_user()
    if user:
        shutil.chown(folder, user)
    port = _free_port()

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL, env={"LC_ALL": "C.UTF-8"})

    run(str(programs / "initdb"), "-D", str(folder / "data"), "-U", "wellbeing", "-A", "trust", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {_OPTIONS}"
    run(str(programs / "pg_ctl"), "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-o", options, "start")

    def stop() -> None:
        subprocess.run(
            [programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"],
            user=user, cwd=folder, check=False, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return f"postgres://wellbeing@127.0.0.1:{port}/postgres"


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
