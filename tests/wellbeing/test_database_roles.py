"""On PostgreSQL each process has a role of its own, which reads what that process needs and is refused the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.test import override_settings
from pytest_django.fixtures import Settings
from redis import Redis

from accounts.allauth_internals import TOTP, generate_totp_secret
from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture, Consent, PersonalSettings, Schedule
from emotion.services import cache_cleanup, classify, reconcile
from emotion.services.accept import accept_capture
from emotion.services.consents import give_consent
from emotion.services.schedules import save_schedule
from tests.faces import smile, to_jpeg
from tests.vaults import make_vault
from vault.crypto.keys import rotation
from vault.journal.entries import is_bound
from vault.models import Entry, KeySlot, Vault
from vault.services import key_maintenance, retention
from wellbeing.settings import CACHES

GRANTS = (Path(__file__).parent.parent.parent / "deploy" / "database-roles.sql").read_text()
#: What no process but the one with the pages has any business with.
_OF_PAGES = (
    "vault_keyslot", "accounts_session", "accounts_user", "account_emailaddress", "accounts_apitoken",
    "vault_precaution",
)  # fmt: skip

ALWAYS: dict[str, Any] = {"start": time(9), "end": time(17), "enabled": True}

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no roles"),
]


@pytest.fixture(autouse=True)
def _roles(alice: User) -> None:
    make_vault(alice)
    with override_settings(CACHES=CACHES):
        call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(GRANTS)


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


def _may(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        if "permission denied" not in str(error):
            raise
        return False
    return True


def _tables() -> set[str]:
    return set(connection.introspection.table_names())


def test_tables_of_pages_are_tables() -> None:
    assert set(_OF_PAGES) <= _tables()


@pytest.mark.parametrize("role", ["wellbeing_worker", "wellbeing_upkeep"])
@pytest.mark.parametrize("table", _OF_PAGES)
def test_neither_worker_nor_upkeep_reads_locks_sessions_or_people(role: str, table: str) -> None:
    with acting_as(role):
        assert not _may(f"SELECT * FROM {table}")
        assert not _may(f"DELETE FROM {table}")


def test_worker_reads_four_tables_and_no_sealed_entry() -> None:
    with acting_as("wellbeing_worker"):
        readable = {table for table in _tables() if _may(f"SELECT 1 FROM {table}")}
        assert readable == {"emotion_capture", "emotion_consent", "vault_vault", "vault_entry"}
        assert not _may("SELECT sealed FROM vault_entry")
        assert not _may("UPDATE vault_vault SET public_key = ''")
        assert not _may("DELETE FROM emotion_capture")


@pytest.mark.parametrize("role", ["wellbeing_web", "wellbeing_worker", "wellbeing_upkeep"])
def test_no_process_changes_tables(role: str) -> None:
    with acting_as(role):
        assert not _may("CREATE TABLE theirs (id int)")
        with (
            pytest.raises(ProgrammingError, match="must be owner"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DROP TABLE vault_keyslot")


def test_pages_read_and_write_every_table() -> None:
    with acting_as("wellbeing_web"):
        assert {table for table in _tables() if not _may(f"SELECT 1 FROM {table}")} == set()
        User.objects.create_user("carol@example.org", "x")
        KeySlot.objects.all().delete()


def test_worker_brings_a_capture_to_its_end(alice: User, valkey: Redis) -> None:
    give_consent(user=alice, text_version=CONSENT_TEXT.version)
    frame = to_jpeg(smile())
    capture, _ = accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[frame])
    with acting_as("wellbeing_worker"):
        classify.record_waiting(task_id=uuid4())
    capture.refresh_from_db()
    assert (capture.state, Entry.objects.filter(capture_id=capture.pk).count()) == (Capture.State.RECORDED, 1)


def test_upkeep_reads_no_address_and_no_password_of_a_person() -> None:
    with acting_as("wellbeing_upkeep"):
        assert not any(_may(f"SELECT {column} FROM accounts_user") for column in ("email", "password", "is_superuser"))


def test_upkeep_does_all_its_work(alice: User, valkey: Redis, settings: Settings, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    Vault.objects.all().delete()
    make_vault(alice)
    give_consent(user=alice, text_version=CONSENT_TEXT.version)
    save_schedule(user=alice, timezone="Europe/Berlin", days=range(7), **ALWAYS)
    TOTP.activate(alice, generate_totp_secret())
    rotation.announce_keys(["binding", "accounts"])
    rotation.activate_keys(["binding", "accounts"], now=rotation.now_seconds())
    before = _bound()
    Capture.objects.create(id=uuid4(), vault=Vault.objects.get(), sealed_key=b"key")
    PersonalSettings.objects.get_or_create(user=alice)
    with acting_as("wellbeing_upkeep"):
        reconcile.sweep()
        cache_cleanup.delete_expired()
        retention.prune()
        assert key_maintenance.renew_what_old_keys_made() == []
    assert all(one != other for one, other in zip(before, _bound(), strict=True))
    assert is_bound(Vault.objects.get())


def _bound() -> list[bytes]:
    """What a key of the server vouches for or seals, one of each kind."""
    vault, factor = Vault.objects.get(), Authenticator.objects.get()
    return [
        *(bytes(row.mac) for row in (vault, Consent.objects.get(), Schedule.objects.get())),
        bytes(vault.binding), factor.data["secret"].encode(),
    ]  # fmt: skip
