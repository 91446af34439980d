"""Reading a journal with its opened vault: what was compacted, and what waits in the inbox."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from heapq import nlargest
from itertools import chain
from math import inf
from typing import Final
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from core.exceptions import VaultRequired
from vault.crypto.pages import manifest_mark
from vault.journal.compaction import compact, is_due
from vault.journal.contents import Damage, Journal, Line, open_lines
from vault.journal.entries import OpenedVault, day_of
from vault.journal.inbox import Inbox, open_rows, rows_of
from vault.journal.kinds import STANDING, Kind
from vault.journal.pages import (
    DamagedPage,
    MonthPage,
    PageStore,
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
    """`since <= at < until`, None is open; of the kinds in `always` also what is older; of all that the `newest`."""

    since: datetime | None = None
    until: datetime | None = None
    always: Collection[type[Kind]] = ()
    newest: int | None = None

    def choose(self, month_pages: Iterable[MonthPage]) -> Iterable[Line]:
        since = -inf if self.since is None else self.since.timestamp()
        until = inf if self.until is None else self.until.timestamp()
        always = {kind.kind for kind in self.always}
        pages = [page.choose(since=since, until=until, always=always) for page in month_pages]
        lines = chain.from_iterable(pages)
        if self.newest is None or sum(map(len, pages)) <= self.newest:
            return lines
        standing = {kind.kind for kind in STANDING}
        return nlargest(self.newest, lines, key=lambda line: (line.kind in standing, line.at))

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
    always: Collection[type[Kind]] = (),
    newest: int | None = None,
) -> Journal:
    """Every entry with `since <= at < until`, oldest first. Opens the pages of those months alone.

    Of the kinds in `always` also what is older; then every page is opened, but nothing is made of its other lines.
    Of all that only the `newest`, settings before others, for a page that must not wait for what a file brought.

    Compacts the inbox first when something in it has settled. What is altered, forged, moved, gone, older than it
    should be, or holds what cannot be, is logged and listed in `damaged`; the rest still opens.
    """
    window = Window(since, until, always, newest)
    inbox, store = _settle(opened)
    store, month_pages, pages = _read_pages(opened, store, window)
    waiting = _leave_out(inbox, month_pages)
    with collector_paused():
        entries, impossible = open_lines(window.choose((*month_pages, waiting)), now=timezone.now().timestamp())
    for entry_id in impossible:
        # Why would name what is sealed.
        logger.error("entry %s of vault %s is not used: it holds what cannot be", entry_id, opened.vault_id)
    lost = [*(row_id for row_id, day in inbox.damaged if window.touches_day(day)), *impossible]
    months = tuple(first_of(page.month) for page in pages)
    return Journal(
        entries=tuple(entries),
        damaged=(*lost, *(page.page_id for page in pages)),
        damage=Damage(entries=len(lost), pages=len(pages), months=months, is_listed=store.is_listed),
    )


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
    left = Inbox(tuple(line for line in inbox.lines if line.id not in placed), inbox.damaged)
    return left, open_page_store(opened)


def _leave_out(inbox: Inbox, month_pages: Collection[MonthPage]) -> MonthPage:
    """The inbox without what another request compacts, or deletes, this moment and the pages know of already."""
    tombstones: set[UUID] = set().union(*(month_page.tombstones for month_page in month_pages))
    waiting = MonthPage(month=0)
    for line in inbox.lines:
        if tombstones.isdisjoint({line.id} | tombstones_for(line)) and not any(
            line.id in month_page.lines for month_page in month_pages
        ):
            waiting.add(line)
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
