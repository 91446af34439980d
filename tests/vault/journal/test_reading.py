"""What a reader is shown while the inbox cannot be compacted, or is being compacted by another request."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from tests.vault.journal.people import append, ids, stored
from vault.journal import reading
from vault.journal.compaction import compact_inbox, delete_entry
from vault.journal.entries import OpenedVault
from vault.journal.inbox import Inbox, open_rows
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
