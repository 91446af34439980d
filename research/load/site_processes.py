"""The site's processes, started and killed by name, in their own folder: for benchmarks and fault tests.

`manage.py serve` is for people: it restarts a process that dies.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from honcho.environ import parse_procfile

from research.load.postgresql import Cluster, free_port

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 300


class Stack:
    """Web, worker, beat and Valkey of the Procfile on a free port, in `folder`, with `variables` set.

    All they write is in `folder`: data, `site.log` and temporary files; with `postgresql` the databases are in their
    own cluster instead. `commands` replace lines of the Procfile.
    """

    def __init__(
        self,
        folder: Path,
        variables: Mapping[str, str] | None = None,
        *,
        postgresql: bool = False,
        commands: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir, self.log, self._temporary = folder / "data", folder / "site.log", folder / "tmp"
        self._temporary.mkdir(parents=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = _clean_environment() | {
            "WELLBEING_DATA_DIR": str(self.data_dir),
            "WELLBEING_PORT": str(port),
            "WELLBEING_URL": self.url,
            "WELLBEING_ENV_FILE": os.devnull,
            "TMPDIR": str(self._temporary),
            **(variables or {}),
        }
        procfile: dict[str, str] = parse_procfile((ROOT / "Procfile").read_text()).processes
        self._commands = {**procfile, **(commands or {})}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.cluster = Cluster() if postgresql else None

    def __enter__(self) -> Self:
        try:
            self.start_cluster()
            self.manage("setup")
            self.start("valkey", "web", "beat", "worker")
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, *names: str) -> None:
        with self.log.open("ab") as log:
            for name in names:
                self._running[name] = subprocess.Popen(  # noqa: S603 -- our own commands
                    ["/bin/sh", "-c", f"exec {self._commands[name]}"],
                    cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip

    def kill(self, name: str) -> None:
        """SIGKILL to the process and all its children."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self, name: str) -> float:
        """Send SIGTERM and wait for the end. Returns the seconds it took."""
        process, began = self._running.pop(name), time.monotonic()
        process.terminate()
        process.wait(60)
        return time.monotonic() - began

    def stop(self) -> None:
        """End all processes, Valkey last, by force if needed."""
        for name in sorted(self._running, key=lambda name: name == "valkey"):
            process = self._running.pop(name)
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        if self.cluster:
            self.cluster.destroy()

    def manage(self, *arguments: str) -> str:
        """Run a management command on this stack's data. Returns its output."""
        command = [sys.executable, "manage.py", *arguments]
        with self.log.open("ab") as log:
            return subprocess.run(  # noqa: S603 -- our own commands
                command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True, check=True
            ).stdout

    def wait_until_ready(self) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=3):  # noqa: S310 -- our own http address
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise TimeoutError(f"The site did not become ready:\n{self.log.read_text()[-3000:]}")

    def processes(self) -> dict[str, int]:
        """The process group of each part, by name."""
        groups = {name: process.pid for name, process in self._running.items()}
        return groups | ({"postgresql": self.cluster.pid} if self.cluster else {})

    def start_cluster(self) -> None:
        """Start the databases if they are PostgreSQL's; for callers that start the parts one by one."""
        if self.cluster is None:
            return
        self.cluster.start()
        for variable, name in (("WELLBEING_DATABASE_URL", "wellbeing"), ("WELLBEING_KEYSTORE_URL", "keystore")):
            self.cluster.create_database(name)
            self.environment[variable] = self.cluster.url(name)


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    here = str(Path(sys.executable).parent)
    return kept | {"PATH": f"{here}{os.pathsep}{kept.get('PATH', '')}", "PYTHONUNBUFFERED": "1"}
