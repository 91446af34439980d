"""A temporary PostgreSQL cluster in its own folder, for tests, benchmarks and fault tests."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

#: For tests that need only PostgreSQL's rules. A cluster that is killed on purpose must not use them.
UNSAFE_BUT_QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


def find_programs() -> Path | None:
    """The folder of the newest `pg_ctl`, or None if PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    named = shutil.which("pg_ctl")
    return found[-1].parent if found else Path(named).parent if named else None


class Cluster:
    """Listens on a free local port, in a temporary folder that PostgreSQL's user can access."""

    def __init__(self, *settings: str) -> None:
        programs = find_programs()
        if programs is None:
            raise FileNotFoundError("PostgreSQL is not installed here.")
        folder = Path(tempfile.mkdtemp(prefix="wellbeing-postgresql-"))
        self._programs, self._folder, self._user = programs, folder, _unprivileged_user()
        self._port = free_port()
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "-D", str(folder / "data"), "-U", "wellbeing", "-A", "trust", "--no-sync")
        fixed = (f"port={self._port}", f"unix_socket_directories={folder}", "listen_addresses=127.0.0.1")
        self._options = " ".join(f"-c {setting}" for setting in (*fixed, "max_connections=50", *settings))

    def start(self) -> None:
        log, data = str(self._folder / "log"), str(self._folder / "data")
        self._run("pg_ctl", "-D", data, "-l", log, "-w", "-o", self._options, "start")

    def stop(self) -> None:
        """Stop as in a crash: open transactions are lost, the next start recovers."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "stop")

    def destroy(self) -> None:
        """Stop it if it runs, and delete all its files."""
        try:
            self.stop()
        except subprocess.CalledProcessError:
            pass
        shutil.rmtree(self._folder, ignore_errors=True)

    def create_database(self, name: str) -> None:
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self._port), "-U", "wellbeing", name)

    def url(self, database: str = "postgres") -> str:
        return f"postgres://wellbeing@127.0.0.1:{self._port}/{database}"

    @property
    def pid(self) -> int:
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def _run(self, program: str, *arguments: str) -> None:
        nowhere = subprocess.DEVNULL
        subprocess.run(  # noqa: S603 -- PostgreSQL's own programs
            [self._programs / program, *arguments],
            check=True, user=self._user, cwd=self._folder, stdout=nowhere, stderr=nowhere, env={"LC_ALL": "C.UTF-8"},
        )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
