"""What was compacted reads as before, shows less, comes back never, and is lost at no moment."""

import logging
from calendar import monthrange
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from core.exceptions import NotFound, VaultRequired
from emotion.services.entries import correct_reading
from tests.crashes import Crash, dying_at
from tests.emotion.elsewhere import run_elsewhere
from tests.entries import checkin, reading, taste
from tests.vault.journal.people import NOON, append, append_raw, by_id, ids, page_of, read_captures, stored
from vault.journal import compaction
from vault.journal.compaction import add_entries, compact_inbox, delete_entry
from vault.journal.contents import NO_DAMAGE, JournalEntry
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Correction, Display, Reading, Taste
from vault.journal.reading import read_journal
from vault.models import Entry, Manifest, Page, Vault

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=31)


def test_reading_folds_a_page_a_month_and_loses_nothing(opened: OpenedVault) -> None:
    appended = [append(opened, NOON - MONTH), append(opened, NOON), append(opened, NOON + timedelta(hours=1))]
    before = by_id(opened)
    assert stored(opened) == (0, 2, 1)
    assert ids(opened) == appended
    assert by_id(opened) == before
    assert ids(opened, since=NOON) == appended[1:]
    assert ids(opened, until=NOON) == appended[:1]


def test_only_the_months_of_the_window_are_opened(opened: OpenedVault) -> None:
    append(opened, NOON - MONTH)
    append(opened, NOON)
    compact_inbox(opened)
    old = page_of(opened, NOON - MONTH).pk
    with CaptureQueriesContext(
        connection,
    ) as queries:
        read_journal(opened, since=NOON)
    pages = [query["sql"] for query in queries if "vault_page" in query["sql"]]
    assert len(pages) == 1
    assert old.hex not in pages[0].replace("-", "")


def test_what_is_wanted_however_old_comes_along_and_nothing_else_of_then(opened: OpenedVault) -> None:
    now = timezone.now()
    moments = [now - timedelta(days=100), now - timedelta(days=1), now - timedelta(seconds=5)]
    old, recent, fresh = ([append(opened, at, entry=entry) for entry in (reading(), taste())] for at in moments)
    found = read_journal(opened, since=now - timedelta(days=30), always=[Taste])
    assert {entry.id for entry in found.entries} == {old[1], *recent, *fresh}
    late = read_journal(opened, since=now + timedelta(days=1), always=[Taste])
    assert {entry.id for entry in late.entries} == {old[1], recent[1], fresh[1]}


def test_what_has_just_come_waits_a_minute(opened: OpenedVault) -> None:
    entry_id = uuid4()
    append(opened, timezone.now(), entry_id=entry_id)
    assert ids(opened) == [entry_id]
    with pytest.raises(IntegrityError):
        append(opened, timezone.now(), entry_id=entry_id)


def test_nothing_to_fold_writes_nothing(opened: OpenedVault) -> None:
    append(opened)
    read_journal(opened)
    with CaptureQueriesContext(connection) as queries:
        read_journal(opened)
    reads = ("SELECT", "DECLARE")
    assert [query["sql"] for query in queries if not query["sql"].startswith(reads)] == []


def test_rows_and_lengths_tell_neither_how_many_nor_which_month(opened: OpenedVault, other: OpenedVault) -> None:
    append(other, NOON - MONTH, entry=checkin())
    for minute in range(40):
        append(opened, NOON + timedelta(minutes=minute))
    for vault in (opened, other):
        compact_inbox(vault)
    pages = Page.objects.values()
    assert {frozenset(row) for row in pages} == {frozenset({"id", "vault_id", "sealed"})}
    assert {len(row["sealed"]) for row in pages} == {16 * 1024 + 29}
    assert {len(row.sealed) for row in Manifest.objects.all()} == {8 * 1024 + 29}


def test_two_people_with_equal_days_share_no_ciphertext_and_have_equal_lengths(
    opened: OpenedVault, other: OpenedVault
) -> None:
    for vault in (opened, other):
        for minute in range(30):
            append(vault, NOON + timedelta(minutes=minute), entry=checkin())
        compact_inbox(vault)
    for model in (Page, Manifest):
        first, second = (bytes(model.objects.get(vault_id=vault.vault_id).sealed) for vault in (opened, other))
        assert len(first) == len(second)
        # The version byte is the same; 8 equal bytes anywhere would be no chance.
        windows = {first[at : at + 8] for at in range(1, len(first) - 7)}
        assert windows.isdisjoint(second[at : at + 8] for at in range(1, len(second) - 7))


def test_one_id_and_one_capture_stay_one_entry_after_folding(opened: OpenedVault) -> None:
    entry_id, capture_id = uuid4(), uuid4()
    append(opened, entry_id=entry_id, capture_id=capture_id)
    compact_inbox(opened)
    append(opened, NOON + timedelta(hours=1), capture_id=capture_id)
    append(opened, NOON + timedelta(hours=2), entry_id=entry_id)
    assert ids(opened) == [entry_id]
    assert by_id(opened)[entry_id].at == NOON
    assert stored(opened) == (0, 1, 1)
    assert read_captures(opened) == {capture_id: by_id(opened)[entry_id]}


def test_a_capture_that_comes_again_in_the_next_month_is_known(opened: OpenedVault) -> None:
    capture_id = uuid4()
    first = append(opened, NOON, capture_id=capture_id)
    compact_inbox(opened)
    append(opened, NOON + MONTH, capture_id=capture_id)
    assert ids(opened) == [first]


def test_a_folded_reading_is_corrected_and_deleted_with_its_corrections(opened: OpenedVault) -> None:
    kept, gone = append(opened, NOON - MONTH), append(opened)
    compact_inbox(opened)
    for entry_id in (kept, gone):
        correct_reading(opened, entry_id, "fear")
    compact_inbox(opened, settled_after=timedelta(0))
    delete_entry(opened, gone)
    journal = read_journal(opened)
    assert [entry.id for entry in journal.of(Reading)] == [kept]
    assert [entry.data for entry in journal.of(Correction)] == [Correction(of=kept, expression="fear")]
    with pytest.raises(NotFound):
        delete_entry(opened, gone)
    with pytest.raises(NotFound):
        correct_reading(opened, gone, "fear")


@pytest.mark.parametrize("compacted", [True, False])
def test_a_copy_of_a_deleted_row_does_not_bring_the_entry_back(opened: OpenedVault, compacted: bool) -> None:
    victim, kept = append(opened), append(opened)
    copy = Entry.objects.get(pk=victim)
    if compacted:
        compact_inbox(opened)
    delete_entry(opened, victim)
    copy.save(force_insert=True)
    assert ids(opened) == [kept]
    assert stored(opened) == (0, 1, 1)


def test_a_deleted_reading_does_not_come_back_with_its_capture(opened: OpenedVault) -> None:
    capture_id = uuid4()
    delete_entry(opened, append(opened, capture_id=capture_id))
    append(opened, capture_id=capture_id)
    assert ids(opened) == []


def test_nobody_deletes_or_corrects_in_another_vault(opened: OpenedVault, other: OpenedVault) -> None:
    entry_id = append(opened)
    append(other)
    for vault in (opened, other):
        compact_inbox(vault)
    for act in (lambda: delete_entry(other, entry_id), lambda: correct_reading(other, entry_id, "fear")):
        with pytest.raises(NotFound):
            act()
    assert ids(opened) == [entry_id]


def test_an_export_comes_back_without_doubles(opened: OpenedVault, other: OpenedVault) -> None:
    append(opened, NOON - MONTH)
    deleted = append(opened)
    exported = read_journal(opened).entries
    assert add_entries(other, exported) == 2
    assert add_entries(other, exported) == 0
    assert read_journal(other).entries == exported
    delete_entry(opened, deleted)
    assert add_entries(opened, exported) == 0
    assert stored(other) == (0, 2, 1)
    old = JournalEntry(uuid4(), timezone.now() - timedelta(days=366), checkin())
    assert add_entries(other, [old]) == 0


def test_folding_notes_the_month_in_ones_own_vault_alone(opened: OpenedVault, other: OpenedVault) -> None:
    compact_inbox(opened)
    assert dict(Vault.objects.values_list("pk", "opened_in")) == {
        opened.vault_id: timezone.now().date().replace(day=1),
        other.vault_id: None,
    }


@pytest.mark.django_db(transaction=True)
def test_a_second_change_waits_for_the_first(opened: OpenedVault) -> None:
    entry_id = append(opened)
    with compaction._locked(opened), pytest.raises(OperationalError, match="lock timeout"):
        run_elsewhere(lambda: compact_inbox(opened))
    assert stored(opened) == (1, 0, 0)
    run_elsewhere(lambda: compact_inbox(opened))
    assert ids(opened) == [entry_id]
    assert stored(opened) == (0, 1, 1)


def test_an_erased_vault_folds_nothing(opened: OpenedVault) -> None:
    Vault.objects.all().delete()
    with pytest.raises(VaultRequired):
        compact_inbox(opened)
    assert read_journal(opened).entries == ()


def change(opened: OpenedVault, entry_id: UUID) -> None:
    compact_inbox(opened)
    delete_entry(opened, entry_id)


def test_a_change_that_dies_at_any_write_loses_nothing(opened: OpenedVault) -> None:
    append(opened, NOON - MONTH)
    compact_inbox(opened)
    append(opened, NOON - MONTH)
    append(opened, NOON)
    before, rows = ids_of_pages(opened), set(Entry.objects.values_list("pk", flat=True))
    for number in range(20):
        try:
            with dying_at(number, "default") as made:
                compact_inbox(opened)
        except Crash:
            assert len(made) == number
            assert (ids_of_pages(opened), set(Entry.objects.values_list("pk", flat=True))) == (before, rows)
            continue
        break
    assert number >= 4, "pages, manifest and inbox are separate writes"
    assert stored(opened) == (0, 2, 1)
    assert len(ids(opened)) == 3


def ids_of_pages(opened: OpenedVault) -> set[UUID]:
    from vault.journal.pages import open_page_store

    month_pages, damaged = open_page_store(opened).read()
    assert damaged == []
    return {entry.id for month_page in month_pages for entry in month_page.choose()}


def test_logs_name_rows_and_no_content(opened: OpenedVault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    append(opened)
    compact_inbox(opened)
    page = Page.objects.get()
    sealed = bytes(page.sealed)
    Page.objects.update(sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))
    read_journal(opened)
    assert f"page {page.pk} of vault {opened.vault_id} is not used" in caplog.text
    assert Reading.kind not in caplog.text
    assert opened.private.hex() not in caplog.text


def keep_from(moment: datetime, settings: Settings) -> None:
    """The day of this moment becomes the oldest that is kept."""
    settings.KEEP_DAYS = (timezone.now().date() - moment.date()).days


def test_days_that_have_grown_too_old_go_from_their_page(opened: OpenedVault, settings: Settings) -> None:
    days = [NOON - MONTH, NOON - timedelta(days=1), NOON, NOON + MONTH]
    entries = [append(opened, day) for day in days]
    compact_inbox(opened)
    assert stored(opened) == (0, 3, 1)
    keep_from(NOON, settings)
    compact_inbox(opened)
    assert (set(by_id(opened)), stored(opened)) == (set(entries[2:]), (0, 2, 1))


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize(("days_after", "pages"), [(0, 1), (1, 0)])
def test_what_was_deleted_is_remembered_until_its_month_is_too_old(
    days_after: int, pages: int, others: int, opened: OpenedVault, settings: Settings
) -> None:
    entry_id = append(opened, NOON)
    for _ in range(others):
        append(opened, NOON)
    compact_inbox(opened)
    delete_entry(opened, entry_id)
    last_day = NOON.replace(day=monthrange(NOON.year, NOON.month)[1])
    keep_from(last_day + timedelta(days=days_after), settings)
    compact_inbox(opened)
    assert stored(opened) == (0, pages, 1)


@pytest.mark.parametrize("between", [timedelta(hours=1), MONTH])
@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
def test_of_two_settings_that_have_grown_too_old_the_later_one_is_taken_along(
    numbers: tuple[int, int], between: timedelta, opened: OpenedVault, settings: Settings
) -> None:
    for at, number, liked in ((NOON - between, numbers[0], "music"), (NOON, numbers[1], "rest")):
        append(opened, at, entry=taste(liked), entry_id=UUID(int=number))
    compact_inbox(opened)
    keep_from(NOON + timedelta(days=1), settings)
    compact_inbox(opened)
    assert [entry.data for entry in read_journal(opened).entries] == [
        Taste(likes=("rest",), minutes=None, company="either", kept=True)
    ]


def test_a_setting_that_was_replaced_or_cannot_be_is_not_taken_along(opened: OpenedVault, settings: Settings) -> None:
    append(opened, NOON - MONTH, entry=taste("music"))
    append_raw(opened, Display.kind, {"trends": "often"}, NOON - MONTH)
    append(opened, NOON, entry=taste("rest"))
    compact_inbox(opened)
    keep_from(NOON, settings)
    compact_inbox(opened)
    journal = read_journal(opened)
    assert ([entry.data for entry in journal.entries], journal.damage) == ([taste("rest")], NO_DAMAGE)


def test_a_full_inbox_is_deleted_a_part_at_a_time(opened: OpenedVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "_ROWS_AT_ONCE", 2)
    entries = [append(opened, NOON + timedelta(minutes=minute)) for minute in range(5)]
    with CaptureQueriesContext(connection) as queries:
        compact_inbox(opened)
    assert len([query for query in queries if query["sql"].startswith('DELETE FROM "vault_entry"')]) == 3
    assert (ids(opened), stored(opened)) == (entries, (0, 1, 1))
