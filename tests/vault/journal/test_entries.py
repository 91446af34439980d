from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from accounts.models import User
from core.exceptions import NotFound, WellbeingError
from emotion.services.corrections import correct_reading
from tests.vaults import make_vault
from vault.crypto import make_key_pair, seal_entry
from vault.journal import (
    Damage,
    EntryTooLong,
    JournalEntry,
    KeyAltered,
    OpenedVault,
    append_entry,
    apply_corrections,
    delete_entry,
    read_captures,
    read_journal,
)
from vault.models import Entry, Vault

# Recent enough to be kept, and always in the middle of a month.
NOON = (datetime.now(tz=UTC) - timedelta(days=60)).replace(day=15, hour=12, minute=0, second=0, microsecond=0)
READING = {
    "capture": None,
    "outcome": "reading",
    "p": [0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1],
    "quality": 0.9,
    "model": "m",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


@pytest.fixture
def other(bob: User) -> OpenedVault:
    return make_vault(bob)


def append(opened: OpenedVault, at: datetime = NOON, *, kind: str = "reading", capture_id: UUID | None = None) -> UUID:
    vault = Vault.objects.get(pk=opened.vault_id)
    data = {**READING, "capture": capture_id and str(capture_id)}
    return append_entry(vault=vault, kind=kind, data=data, at=at, capture_id=capture_id)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (Damage(), False),
        (Damage(entries=1), True),
        (Damage(pages=1), True),
        (Damage(is_listed=False), True),
        (Damage(entries=1, pages=1, is_listed=False), True),
    ],
)
def test_damage_is_told_when_an_entry_a_page_or_the_list_does_not_hold(damage: Damage, told: bool) -> None:
    assert bool(damage) is told


def ids(entries: tuple[JournalEntry, ...]) -> list[UUID]:
    return [entry.id for entry in entries]


def test_what_was_appended_is_read_back(opened: OpenedVault) -> None:
    entry_id = append(opened)
    journal = read_journal(opened)
    assert journal.entries == (JournalEntry(id=entry_id, kind="reading", at=NOON, data=READING),)
    assert journal.damaged == ()


def test_entries_come_in_order_of_time_within_the_window(opened: OpenedVault) -> None:
    late, early, before = append(opened, NOON + timedelta(hours=2)), append(opened), append(opened, NOON - timedelta(1))
    assert ids(read_journal(opened).entries) == [before, early, late]
    assert ids(read_journal(opened, since=NOON).entries) == [early, late]
    assert ids(read_journal(opened, until=NOON + timedelta(hours=2)).entries) == [before, early]


def test_a_window_in_another_time_zone_is_the_same_window(opened: OpenedVault) -> None:
    entry_id = append(opened, NOON.replace(hour=23, minute=30))
    since = NOON.replace(day=16, hour=8, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert ids(read_journal(opened, since=since).entries) == [entry_id]


def test_a_row_shows_the_day_and_nothing_else(opened: OpenedVault) -> None:
    append(opened)
    vault = Vault.objects.get(pk=opened.vault_id)
    nothing = {"outcome": "no_face", "p": None, "quality": 0.0, "model": "m"}
    append_entry(vault=vault, kind="reading", data=nothing, at=NOON)
    rows = list(Entry.objects.all())
    assert {len(row.sealed) for row in rows} == {1073}
    assert {row.day for row in rows} == {NOON.date()}
    assert not any(b"reading" in bytes(row.sealed) or b"no_face" in bytes(row.sealed) for row in rows)


def test_a_capture_has_one_entry(opened: OpenedVault) -> None:
    capture_id = uuid.uuid4()
    append(opened, capture_id=capture_id)
    with pytest.raises(IntegrityError):
        append(opened, capture_id=capture_id)


def test_more_than_an_entry_holds_is_refused(opened: OpenedVault) -> None:
    vault = Vault.objects.get(pk=opened.vault_id)
    with pytest.raises(EntryTooLong):
        append_entry(vault=vault, kind="checkin", data={"note": "x" * 1000}, at=NOON)
    assert Entry.objects.count() == 0


def test_nobody_reads_with_another_vault(opened: OpenedVault, other: OpenedVault) -> None:
    append(opened)
    assert read_journal(other).entries == ()
    posing = OpenedVault(vault_id=opened.vault_id, private=other.private, public=other.public)
    assert read_journal(posing).entries == ()


def _flip(row: Entry, _other: Entry, _opened: OpenedVault) -> None:
    row.sealed = bytes(row.sealed)[:-1] + bytes([bytes(row.sealed)[-1] ^ 1])


def _swap(row: Entry, other: Entry, _opened: OpenedVault) -> None:
    row.sealed = other.sealed


def _truncate(row: Entry, _other: Entry, _opened: OpenedVault) -> None:
    row.sealed = bytes(row.sealed)[:500]


def _move(row: Entry, _other: Entry, _opened: OpenedVault) -> None:
    row.day = row.day + timedelta(days=1)


def _forge(row: Entry, _other: Entry, opened: OpenedVault) -> None:
    plain = b'{"v":1,"kind":"reading","at":%d,"data":{}}' % NOON.timestamp()
    row.sealed = seal_entry(
        plain, public=opened.public, vault_id=opened.vault_id, entry_id=row.pk, signing_key=b"dba" * 10 + b"!!"
    )


@pytest.mark.parametrize("tamper", [_flip, _swap, _truncate, _move, _forge])
def test_a_tampered_row_is_named_and_the_rest_still_opens(tamper, opened: OpenedVault, caplog) -> None:  # type: ignore[no-untyped-def]
    kept, victim = append(opened), append(opened)
    row = Entry.objects.get(pk=victim)
    tamper(row, Entry.objects.get(pk=kept), opened)
    row.save()
    journal = read_journal(opened)
    assert ids(journal.entries) == [kept]
    assert journal.damaged == (victim,)
    assert str(victim) in caplog.text
    assert "happiness" not in caplog.text


def test_an_entry_spliced_in_from_another_vault_is_named(opened: OpenedVault, other: OpenedVault) -> None:
    kept, foreign = append(opened), append(other)
    Entry.objects.filter(pk=foreign).update(vault_id=opened.vault_id)
    journal = read_journal(opened)
    assert (ids(journal.entries), journal.damaged) == ([kept], (foreign,))


def _substitute_key(vault: Vault, _other: Vault) -> None:
    vault.public_key = make_key_pair().public


def _copy_binding(vault: Vault, other: Vault) -> None:
    vault.public_key, vault.binding = other.public_key, other.binding


@pytest.mark.parametrize("tamper", [_substitute_key, _copy_binding])
def test_a_substituted_public_key_never_receives_an_entry(tamper, opened, other, caplog) -> None:  # type: ignore[no-untyped-def]
    vault = Vault.objects.get(pk=opened.vault_id)
    tamper(vault, Vault.objects.get(pk=other.vault_id))
    vault.save()
    with pytest.raises(KeyAltered):
        append(opened)
    assert Entry.objects.count() == 0
    assert "is not the one bound to it" in caplog.text


def test_a_vault_handed_to_somebody_else_never_receives_an_entry(opened: OpenedVault, bob: User) -> None:
    Vault.objects.filter(pk=opened.vault_id).update(user=bob)
    with pytest.raises(KeyAltered):
        append(opened)


def test_a_correction_stands_beside_the_reading(opened: OpenedVault) -> None:
    entry_id = append(opened)
    correct_reading(opened, entry_id, "sadness")
    correct_reading(opened, entry_id, "neutral")
    (reading,) = apply_corrections(read_journal(opened).entries)
    assert reading.data == {**READING, "corrected": "neutral"}
    assert read_journal(opened).entries[0].data == READING


def test_only_a_reading_of_ones_own_can_be_corrected(opened: OpenedVault, other: OpenedVault) -> None:
    reading, checkin = append(opened), append(opened, kind="checkin")
    for vault, entry_id in ((other, reading), (opened, checkin), (opened, uuid.uuid4())):
        with pytest.raises(NotFound):
            correct_reading(vault, entry_id, "neutral")
    with pytest.raises(WellbeingError, match="unknown_expression"):
        correct_reading(opened, reading, "bored")
    assert Entry.objects.count() == 2


def test_deleting_a_reading_takes_its_corrections_along(opened: OpenedVault) -> None:
    kept, gone = append(opened), append(opened)
    kept_correction = correct_reading(opened, kept, "fear")
    correct_reading(opened, gone, "fear")
    delete_entry(opened, gone)
    assert set(ids(read_journal(opened).entries)) == {kept, kept_correction}


def test_a_damaged_entry_can_be_deleted(opened: OpenedVault) -> None:
    entry_id = append(opened)
    Entry.objects.filter(pk=entry_id).update(sealed=b"?")
    delete_entry(opened, entry_id)
    assert Entry.objects.count() == 0


def test_nobody_deletes_from_another_vault(opened: OpenedVault, other: OpenedVault) -> None:
    entry_id = append(opened)
    with pytest.raises(NotFound):
        delete_entry(other, entry_id)
    assert Entry.objects.count() == 1


def test_readings_are_found_by_their_captures(opened: OpenedVault, other: OpenedVault) -> None:
    mine, theirs, unread = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    entry_id = append(opened, capture_id=mine)
    append(other, capture_id=theirs)
    found = read_captures(opened, [mine, theirs, unread])
    assert {capture: entry.id for capture, entry in found.items()} == {mine: entry_id}


def test_neither_key_nor_content_appears_in_a_repr(opened: OpenedVault) -> None:
    append(opened)
    text = repr(opened) + repr(read_journal(opened))
    assert repr(opened.private)[2:-1] not in text
    assert "0.4" not in text
