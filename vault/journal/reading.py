"""Reading a journal with its opened vault: what was compacted, and what waits in the inbox."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from math import inf
from typing import Final
from uuid import UUID

from django.db import OperationalError

from core.exceptions import VaultRequired
from vault.crypto.pages import manifest_mark
from vault.journal.compaction import compact, is_due
from vault.journal.entries import Damage, Journal, JournalEntry, OpenedVault, day_of
from vault.journal.inbox import Inbox, open_rows, rows_of
from vault.journal.pages import (
    DamagedPage,
    MonthPage,
    PageStore,
    capture_of,
    collector_paused,
    first_of,
    month_of,
    open_page_store,
    tombstones_for,
)

logger = logging.getLogger(__name__)

_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Window:
    """`since <= at < until`, None is open; of the kinds in `always` also what is older."""

    since: datetime | None = None
    until: datetime | None = None
    always: Collection[str] = ()

    def choose(self, month_pages: Iterable[MonthPage]) -> tuple[JournalEntry, ...]:
        """What is in the window, oldest first."""
        since = -inf if self.since is None else self.since.timestamp()
        until = inf if self.until is None else self.until.timestamp()
        with collector_paused():
            chosen = [
                entry
                for month_page in month_pages
                for entry in month_page.choose(since=since, until=until, always=self.always)
            ]
            return tuple(sorted(chosen, key=lambda entry: entry.at))

    def touches_day(self, day: date) -> bool:
        return (self.since is None or day >= day_of(self.since)) and (self.until is None or day <= day_of(self.until))

    def touches_month(self, month: int) -> bool:
        begun = bool(self.always) or self.since is None or month >= month_of(self.since)
        return begun and (self.until is None or month <= month_of(self.until))


@dataclass(frozen=True, slots=True)
class ManifestHead:
    """The newest manifest: its version, its mark, and the marks of those it came after."""

    version: int
    mark: bytes
    ancestors: tuple[bytes, ...]


def read_journal(
    opened: OpenedVault,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    always: Collection[str] = (),
) -> Journal:
    """Every entry with `since <= at < until`, oldest first. Opens the pages of those months alone.

    Of the kinds in `always` also what is older; then every page is opened, but nothing else is made of its lines.

    Compacts the inbox first when something in it has settled. What is altered, forged, moved, gone or older than it
    should be is logged and listed in `damaged`; the rest still opens.
    """
    window = Window(since, until, always)
    inbox, store = _settle(opened)
    store, month_pages, pages = _read_pages(opened, store, window)
    waiting = _leave_out(inbox, month_pages)
    rows = [(row_id, day) for row_id, day in inbox.damaged if window.touches_day(day)]
    months = tuple(first_of(page.month) for page in pages)
    return Journal(
        entries=window.choose((*month_pages, waiting)),
        damaged=(*(row_id for row_id, _ in rows), *(page.page_id for page in pages)),
        damage=Damage(entries=len(rows), pages=len(pages), months=months, is_listed=store.is_listed),
    )


def read_captures(opened: OpenedVault, capture_ids: Collection[UUID]) -> dict[UUID, JournalEntry]:
    """The reading each of these captures became; captures of others or without an entry are absent."""
    wanted = set(capture_ids)
    entries = read_journal(opened).of_kind("reading")
    return {capture: entry for entry in entries if (capture := capture_of(entry)) in wanted and capture}


def read_head(opened: OpenedVault) -> ManifestHead:
    """What a device keeps the version and mark of, to notice a journal that was put back to an earlier state."""
    store = open_page_store(opened)
    return ManifestHead(
        store.manifest.version, manifest_mark(store.sealed) if store.sealed else b"", store.manifest.ancestors
    )


def _settle(opened: OpenedVault) -> tuple[Inbox, PageStore]:
    """What is left in the inbox once it was compacted, if that was due, and the store as it then stands."""
    inbox, store = open_rows(opened, rows_of(opened)), open_page_store(opened)
    if not is_due(opened, inbox, store):
        return inbox, store
    try:
        placed = compact(opened, inbox)
    except OperationalError:
        logger.warning(
            "vault %s: its inbox is read without compacting it, the database takes no writes", opened.vault_id
        )
        return inbox, store
    except VaultRequired:
        # Erased this moment.
        return Inbox(), open_page_store(opened)
    left = Inbox(tuple(entry for entry in inbox.entries if entry.id not in placed), inbox.damaged)
    return left, open_page_store(opened)


def _leave_out(inbox: Inbox, month_pages: Collection[MonthPage]) -> MonthPage:
    """The inbox without what another request compacts, or deletes, this moment and the pages know of already."""
    tombstones: set[UUID] = set().union(*(month_page.tombstones for month_page in month_pages))
    waiting = MonthPage(month=0)
    for entry in inbox.entries:
        if tombstones.isdisjoint({entry.id} | tombstones_for(entry)) and not any(
            entry.id.hex in month_page.lines for month_page in month_pages
        ):
            waiting.add(entry)
    return waiting


def _read_pages(
    opened: OpenedVault, store: PageStore, window: Window
) -> tuple[PageStore, list[MonthPage], list[DamagedPage]]:
    """Manifest and pages that belong together: when one does not hold, another request may just have written it."""
    for _ in range(_TRIES):
        month_pages, damaged = store.read(window.touches_month)
        if not damaged:
            break
        again = open_page_store(opened)
        if again.sealed == store.sealed:
            break
        store = again
    return store, month_pages, damaged
