"""A backup of the main database, an erasure, and the backup put back: who can still read?

    python -m tests.vault.services.restoring FOLDER

needs the `WELLBEING_*` variables of a data folder, keeps the backup in FOLDER and prints what happened as JSON.
"""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

PASSPHRASE = "quilted otter drums vivid canyon"


def main(folder: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wellbeing.settings")
    import django

    django.setup()
    from django.core.management import call_command

    for database in ("default", "keystore"):
        call_command("migrate", database=database, verbosity=0)
    call_command("createcachetable", verbosity=0)
    from accounts.models import User
    from tests.vaults import erase_vault

    codes = {name: make_person(name) for name in ("alice", "bob")}
    before = {name: try_to_read(name, codes[name]) for name in codes}
    back_up(folder)
    erase_vault(user=User.objects.get(email="alice@example.org"))
    erased = {name: try_to_read(name, codes[name]) for name in codes}
    restore(folder)
    restored = {name: try_to_read(name, codes[name]) for name in codes}
    print(json.dumps({"before": before, "erased": erased, "restored": restored, "rows": count_rows()}))


def make_person(name: str) -> str:
    """With one entry folded and one that waits; returns the recovery code."""
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import User
    from tests.vault.journal.people import append
    from vault.journal.compaction import compact_inbox
    from vault.services.lifecycle import create_vault

    user = User.objects.create_user(f"{name}@example.org", "x")
    opened, code = create_vault(user=user, passphrase=PASSPHRASE)
    append(opened, timezone.now() - timedelta(hours=1))
    compact_inbox(opened)
    append(opened, timezone.now())
    return code


def try_to_read(name: str, code: str) -> list[str | int]:
    """How many entries passphrase and recovery code read, or the refusal."""
    from accounts.models import User
    from core.exceptions import WellbeingError
    from vault.crypto.key_pairs import public_of
    from vault.journal.entries import OpenedVault
    from vault.journal.reading import read_journal
    from vault.services.lifecycle import open_vault, recover_vault

    user = User.objects.get(email=f"{name}@example.org")
    answers: list[str | int] = []
    for open_ in (open_vault, recover_vault):
        secret = {"passphrase": PASSPHRASE} | ({"code": code} if open_ is recover_vault else {})
        try:
            found = open_(user=user, **secret)
        except WellbeingError as error:
            answers.append(error.code)
            continue
        opened = OpenedVault(vault_id=found.vault_id, private=found.private, public=public_of(found.private))
        answers.append(len(read_journal(opened).entries))
    return answers


def count_rows() -> list[int]:
    from vault.models import Entry, KeySlot, Manifest, Page

    return [model.objects.count() for model in (KeySlot, Entry, Page, Manifest)]


def back_up(folder: Path) -> None:
    from django.db import connections

    connections.close_all()
    if is_sqlite():
        copy(database_file(), folder / "backup.sqlite3")
    else:
        programs("pg_dump", "--format=custom", f"--file={folder / 'backup.dump'}", database_url())


def restore(folder: Path) -> None:
    from django.db import connection, connections

    if is_sqlite():
        connections.close_all()
        copy(folder / "backup.sqlite3", database_file())
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    connections.close_all()
    programs("pg_restore", "--schema=public", f"--dbname={database_url()}", str(folder / "backup.dump"))


def is_sqlite() -> bool:
    from django.db import connection

    return bool(connection.vendor == "sqlite")


def database_file() -> Path:
    from django.conf import settings

    return Path(settings.DATABASES["default"]["NAME"])


def database_url() -> str:
    return os.environ["WELLBEING_DATABASE_URL"]


def copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as from_, sqlite3.connect(target) as to:
        from_.backup(to)
    from_.close()
    to.close()


def programs(name: str, *arguments: str) -> None:
    from research.load.postgresql import find_programs

    folder = find_programs()
    assert folder is not None
    subprocess.run([folder / name, *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
