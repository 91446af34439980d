"""`manage.py setup`: everything a fresh folder needs before the first page, safe to repeat."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from core.files import close_to_others, is_open_to_others, make_private_folder
from core.hosts import LOCAL
from vault.crypto.errors import ServerKeysDamaged
from vault.crypto.keys import rotation
from vault.crypto.server_keys import load_or_create_server_keys
from vault.services.key_maintenance import are_keys_foreign
from wellbeing.checks import check_deployment

#: Of PostgreSQL's advisory locks, which are numbers, this one is ours.
_LOCK: Final = 7_305_412_081


class Command(BaseCommand):
    help = "Make keys, databases, static files and the starter catalogue. Safe to repeat; loses nothing."
    # A missing model stops the workers, not the pages.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--accept-new-keys",
            action="store_true",
            help="go on with server keys that are not those of this database: each vault must be opened once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        make_private_folder(settings.DATA_DIR)
        self._close(settings.DATA_DIR)
        with _one_at_a_time():
            self._set_up(accept_new=options["accept_new_keys"])
        if settings.PUBLIC_HOST not in LOCAL:
            self._warn_of_deployment()
        self.stdout.write("Ready: keys, databases, catalogue and static files are in place.")

    def _set_up(self, *, accept_new: bool) -> None:
        # New files are closed to others from the start.
        usual = os.umask(0o077)
        try:
            call_command("migrate", verbosity=0)
            call_command("migrate", database="keystore", verbosity=0)
        finally:
            os.umask(usual)
        for path in _database_files():
            self._close(path)
        self._make_keys(accept_new=accept_new)
        self._close(settings.KEYS_DIR)
        call_command("createcachetable", verbosity=0)
        call_command("load_catalogue", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)

    def _warn_of_deployment(self) -> None:
        for error in check_deployment():
            self.stderr.write(f"Warning: {error.msg} {error.hint} ({error.id}, see `manage.py check --deploy`)")

    def _close(self, path: Path) -> None:
        was_open = is_open_to_others(path)
        if not close_to_others(path):
            self.stderr.write(f"Warning: others on this machine may read {path}. Please see to it that they cannot.")
        elif was_open:
            self.stdout.write(f"Closed to others on this machine: {path}")

    def _make_keys(self, *, accept_new: bool) -> None:
        """Raises CommandError before a key is made that would take the place of one this database needs."""
        try:
            if are_keys_foreign() and not accept_new:
                raise CommandError(
                    f"The server's keys in {settings.KEYS_DIR} are not those of this database: put back the folder "
                    "that belongs to it (docs/operations.md, Backups), or go on without on purpose with "
                    "--accept-new-keys."
                )
            load_or_create_server_keys(settings.KEYS_DIR)
            if accept_new:
                rotation.accept_keys()
        except ServerKeysDamaged as error:
            raise CommandError(f"{error} Put back the folder that belongs to this database.") from error
        except OSError as error:
            raise CommandError(f"{settings.KEYS_DIR} cannot be written: {error.strerror}.") from error


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """On PostgreSQL, where several hosts set up, each waits for the one before."""
    if connection.vendor != "postgresql":
        yield
        return
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            yield
    finally:
        holder.close()


def _database_files() -> list[Path]:
    """Those of SQLite, with what it keeps beside them."""
    databases = [settings.DATABASES[alias] for alias in ("default", "keystore")]
    names = [database["NAME"] for database in databases if database["ENGINE"] == "django.db.backends.sqlite3"]
    files = [Path(f"{name}{end}") for name in names for end in ("", "-wal", "-shm")]
    return [path for path in files if path.is_file()]
