"""`manage.py serve`: web, worker, beat and Valkey of a one-machine installation, supervised by honcho."""

import errno
import fcntl
import os
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from honcho.environ import parse_procfile
from honcho.manager import Manager

from accounts.models import User
from core.hosts import join_host
from wellbeing.hardening import keep_memory_private

_START_SECONDS = 60


class Command(BaseCommand):
    help = "Run the whole site on this machine. Ctrl-C stops all of it."
    # A missing model stops the workers, not the pages.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        # What the environment holds, and for every process below.
        keep_memory_private()
        # Held until this process ends, however it ends.
        self._lock = _lock_data(settings.DATA_DIR)
        _require_free_port(settings.BIND, settings.PORT)
        manager = Manager()
        for name, command in _commands().items():
            kept = f"exec python -m wellbeing.restarter {name} {command}"
            manager.add_process(name, kept, env=_environment(), cwd=str(settings.BASE_DIR))
        threading.Thread(target=self._announce, daemon=True).start()
        manager.loop()
        self.stdout.write("Stopped. Start again with `make run`.")

    def _announce(self) -> None:
        if not _wait_until_alive(_address_of(settings.BIND, settings.PORT)):
            return
        lines = [
            "",
            f"  Wellbeing is at {settings.PUBLIC_URL}",
            "  Ctrl-C stops it; your data stays in " + str(settings.DATA_DIR),
        ]
        if not User.objects.filter(is_superuser=True).exists():
            lines.append("  To become administrator: make admin (in another terminal)")
        self.stdout.write("\n".join([*lines, ""]))
        self.stdout.flush()


def _commands() -> dict[str, str]:
    processes: dict[str, str] = parse_procfile(Path(settings.BASE_DIR, "Procfile").read_text()).processes
    if not settings.EMBEDDED_VALKEY:
        processes.pop("valkey")
    return processes


def _environment() -> dict[str, str]:
    here = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": f"{here}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        "KEEPER_SUPERVISOR": str(os.getpid()),
    }


def _lock_data(folder: Path) -> IO[str]:
    """One site on one data folder. Raises CommandError naming the process that has it."""
    file = (folder / "serve.pid").open("a+")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        with file:
            file.seek(0)
            holder = file.read().strip()
        raise CommandError(
            f"The site runs already on {folder} (process {holder}). Stop it there with Ctrl-C, or end that process."
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _require_free_port(bind: str, port: int) -> None:
    """Raises CommandError when something listens there already, or this machine has no such address."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    try:
        socket.create_server((bind, port), family=family).close()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CommandError(f"WELLBEING_BIND is {bind}, where this machine cannot listen: {error}.") from error
        raise CommandError(
            f"Port {port} is taken. Stop what uses it, or choose another: WELLBEING_PORT=8001 make run"
        ) from error


def _address_of(bind: str, port: int) -> str:
    """Where a site is reached that listens there; at any address of this machine: at its own."""
    every_address = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- asked, not listened at
    return f"http://{join_host(every_address.get(bind, bind), port)}/healthz"


def _wait_until_alive(url: str) -> bool:
    # A name that the site answers probes at, whatever its address.
    request = urllib.request.Request(url, headers={"Host": "localhost"})  # noqa: S310 -- our own http address
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(request, timeout=2):  # noqa: S310 -- our own http address
                return True
        except OSError:
            time.sleep(0.2)
    return False
