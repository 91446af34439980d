"""What a reader is shown while the inbox cannot be compacted, or is being compacted by another request."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from tests.vault.journal.people import NOON, append, ids, stored
from vault.journal import reading
from vault.journal.compaction import compact_inbox, delete_entry
from vault.journal.entries import OpenedVault
from vault.journal.inbox import Inbox, open_rows
from vault.journal.kinds import Taste
from vault.journal.reading import Window, read_journal
from vault.models import Entry

pytestmark = pytest.mark.django_db


def test_the_inbox_is_read_while_the_database_takes_no_writes(
    opened: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_id = append(opened)

    def refuse(*_: object) -> set[UUID]:
        raise OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(reading, "compact", refuse)
    assert ids(opened) == [entry_id]
    assert stored(opened) == (1, 0, 0)


def act_once_the_inbox_is_opened(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """As another request does between this one's look at the inbox and its look at the pages."""

    def open_and_act(opened: OpenedVault, rows: QuerySet[Entry]) -> Inbox:
        inbox = open_rows(opened, rows)
        act()
        return inbox

    monkeypatch.setattr(reading, "open_rows", open_and_act)


def test_an_entry_that_is_being_folded_is_shown_once(opened: OpenedVault, monkeypatch: pytest.MonkeyPatch) -> None:
    entry_id, capture_id = uuid4(), uuid4()
    append(opened, timezone.now(), entry_id=entry_id, capture_id=capture_id)
    act_once_the_inbox_is_opened(monkeypatch, lambda: compact_inbox(opened, settled_after=timedelta(0)))
    assert ids(opened) == [entry_id]
    assert stored(opened) == (0, 1, 1)


def test_an_entry_that_is_being_deleted_does_not_come_back(
    opened: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_id = append(opened, timezone.now())
    act_once_the_inbox_is_opened(monkeypatch, lambda: delete_entry(opened, entry_id))
    assert ids(opened) == []


@pytest.mark.parametrize(
    ("window", "told"),
    [
        ({}, 1),
        ({"since": NOON}, 1),
        ({"since": NOON + timedelta(days=1)}, 0),
        ({"until": NOON}, 1),
        ({"until": NOON - timedelta(days=1)}, 0),
        ({"since": NOON - timedelta(days=9), "until": NOON + timedelta(days=9)}, 1),
    ],
)
def test_a_damaged_row_is_told_where_its_day_is_looked_at(
    window: dict[str, Any], told: int, opened: OpenedVault
) -> None:
    damaged = append(opened)
    Entry.objects.filter(pk=damaged).update(sealed=b"?")
    journal = read_journal(opened, **window)
    assert (journal.damage.entries, journal.damaged) == (told, (damaged,) * told)


MONTHS = (202601, 202602, 202603, 202604)


@pytest.mark.parametrize(
    ("window", "months"),
    [
        (Window(), MONTHS),
        (Window(since=datetime(2026, 2, 28, tzinfo=UTC)), MONTHS[1:]),
        (Window(until=datetime(2026, 3, 1, tzinfo=UTC)), MONTHS[:3]),
        (Window(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)), MONTHS[1:3]),
        (Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC), [Taste]), MONTHS[:3]),
    ],
)
def test_a_window_touches_its_months_and_for_some_kinds_all_before(window: Window, months: tuple[int, ...]) -> None:
    assert tuple(filter(window.touches_month, MONTHS)) == months
