import uuid
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from accounts.models import User
from core.exceptions import NotFound, WellbeingError
from emotion.services.entries import correct_reading
from tests.entries import checkin, reading
from tests.vault.journal.people import NOON, append, read_captures
from tests.vaults import make_vault
from vault.crypto.entries import seal_entry
from vault.crypto.key_pairs import make_key_pair
from vault.journal.compaction import delete_entry
from vault.journal.contents import AnyEntry, JournalEntry
from vault.journal.entries import EntryTooLong, KeyAltered, OpenedVault, append_entry
from vault.journal.kinds import Reading
from vault.journal.reading import read_journal
from vault.models import Entry, Vault

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


@pytest.fixture
def other(bob: User) -> OpenedVault:
    return make_vault(bob)


def ids(entries: tuple[AnyEntry, ...]) -> list[UUID]:
    return [entry.id for entry in entries]


def test_what_was_appended_is_read_back(opened: OpenedVault) -> None:
    entry = reading()
    entry_id = append(opened, entry=entry)
    journal = read_journal(opened)
    assert journal.entries == (JournalEntry(entry_id, NOON, entry),)
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
    append(opened, entry=reading(p=None, outcome="no_face", quality=0))
    rows = list(Entry.objects.all())
    assert {len(row.sealed) for row in rows} == {1073}
    assert {row.day for row in rows} == {NOON.date()}
    assert not any(Reading.kind.encode() in bytes(row.sealed) or b"no_face" in bytes(row.sealed) for row in rows)


def test_a_capture_has_one_entry(opened: OpenedVault) -> None:
    capture_id = uuid.uuid4()
    append(opened, capture_id=capture_id)
    with pytest.raises(IntegrityError):
        append(opened, capture_id=capture_id)


def test_more_than_an_entry_holds_is_refused(opened: OpenedVault) -> None:
    vault = Vault.objects.get(pk=opened.vault_id)
    with pytest.raises(EntryTooLong):
        append_entry(vault=vault, entry=checkin(note="x" * 1000), at=NOON)
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
    plain = b'{"v":1,"kind":"%s","at":%d,"data":{}}' % (Reading.kind.encode(), NOON.timestamp())
    row.sealed = seal_entry(
        plain, public=opened.public, vault_id=opened.vault_id, entry_id=row.pk, signing_key=b"dba" * 10 + b"!!"
    )


@pytest.mark.parametrize("tamper", [_flip, _swap, _truncate, _move, _forge])
def test_a_tampered_row_is_named_and_the_rest_still_opens(
    tamper: Callable[[Entry, Entry, OpenedVault], None], opened: OpenedVault, caplog: pytest.LogCaptureFixture
) -> None:
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
def test_a_substituted_public_key_never_receives_an_entry(
    tamper: Callable[[Vault, Vault], None], opened: OpenedVault, other: OpenedVault, caplog: pytest.LogCaptureFixture
) -> None:
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
    entry = reading()
    entry_id = append(opened, entry=entry)
    correct_reading(opened, entry_id, "sadness")
    correct_reading(opened, entry_id, "neutral")
    journal = read_journal(opened)
    assert journal.corrections == {entry_id: "neutral"}
    assert [each.data for each in journal.of(Reading)] == [entry]


def test_only_a_reading_of_ones_own_can_be_corrected(opened: OpenedVault, other: OpenedVault) -> None:
    mine, said = append(opened), append(opened, entry=checkin())
    for vault, entry_id in ((other, mine), (opened, said), (opened, uuid.uuid4())):
        with pytest.raises(NotFound):
            correct_reading(vault, entry_id, "neutral")
    with pytest.raises(WellbeingError, match="unknown_expression"):
        correct_reading(opened, mine, "bored")
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
    mine, theirs = uuid.uuid4(), uuid.uuid4()
    entry_id = append(opened, capture_id=mine)
    append(other, capture_id=theirs)
    assert {capture: entry.id for capture, entry in read_captures(opened).items()} == {mine: entry_id}


def test_neither_key_nor_content_appears_in_a_repr(opened: OpenedVault) -> None:
    append(opened)
    text = repr(opened) + repr(read_journal(opened))
    assert repr(opened.private)[2:-1] not in text
    assert "0.4" not in text
