"""A row is read as the entry its day and its version say it is, or named as damaged with that day."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.entries import checkin
from tests.vault.journal.people import NOON, append, append_payload
from vault.journal.entries import OpenedVault
from vault.journal.inbox import Inbox, open_rows, rows_of
from vault.models import Entry

pytestmark = pytest.mark.django_db

DAY = NOON.date()


def read_inbox(opened: OpenedVault) -> Inbox:
    return open_rows(opened, rows_of(opened))


def test_a_row_opens_to_its_id_kind_moment_and_data(opened: OpenedVault, other: OpenedVault) -> None:
    entry_id = append(opened, entry=checkin(0.5))
    append(other)
    inbox = read_inbox(opened)
    assert [(line.id, line.kind, line.at) for line in inbox.lines] == [(entry_id, "checkin", NOON.timestamp())]
    assert bytes(inbox.lines[0].data) == b'{"pleasantness":0.5,"energy":0.0,"words":[],"note":""}'
    assert inbox.damaged == ()


@pytest.mark.parametrize("days", [-1, 1])
def test_a_row_that_was_moved_to_another_day_is_damaged_there(days: int, opened: OpenedVault) -> None:
    moved, kept = append(opened), append(opened)
    Entry.objects.filter(pk=moved).update(day=DAY + timedelta(days=days))
    inbox = read_inbox(opened)
    assert [line.id for line in inbox.lines] == [kept]
    assert inbox.damaged == ((moved, DAY + timedelta(days=days)),)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"v":2,"kind":"checkin","at":%d,"data":{}}' % NOON.timestamp(),
        b'{"v":0,"kind":"checkin","at":%d,"data":{}}' % NOON.timestamp(),
        b'{"kind":"checkin","at":%d,"data":{}}' % NOON.timestamp(),
        b'{"v":1,"kind":"checkin","at":1e300,"data":{}}',
        b"?",
    ],
    ids=["a later version", "an earlier one", "of none", "beyond the calendar", "no entry"],
)
def test_what_is_no_entry_of_this_version_is_damaged(payload: bytes, opened: OpenedVault) -> None:
    entry_id = append_payload(opened, payload)
    assert read_inbox(opened) == Inbox((), ((entry_id, DAY),))


def test_the_day_of_a_row_is_one_of_utc(opened: OpenedVault) -> None:
    late = datetime.combine(DAY, time(23, 59, 59), UTC)
    ids = [append(opened, late), append(opened, late + timedelta(seconds=1))]
    assert dict(Entry.objects.values_list("pk", "day")) == {ids[0]: DAY, ids[1]: DAY + timedelta(days=1)}
    assert read_inbox(opened).damaged == ()
