"""Compacting the inbox into pages, and every other change to a journal that needs it opened.

One change at a time: each holds the vault's row locked (on SQLite the whole database) in one transaction, so that two
tabs, two devices, or a process killed half-way lose nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.exceptions import NotFound, VaultRequired, WellbeingError
from vault.journal.entries import JournalEntry, OpenedVault
from vault.journal.inbox import Inbox, open_rows, rows_of
from vault.journal.pages import PageStore, month_before, month_of, open_page_store, tombstones_for
from vault.journal.retention import oldest_kept
from vault.models import Vault

logger = logging.getLogger(__name__)

#: Entries younger than this stay in the inbox, where a second request that appends the same one collides with it.
SETTLED_AFTER: Final = timedelta(minutes=1)
#: What the person set and has not changed since: the latest of each does not grow too old to be kept.
STANDING: Final = ("preferences", "taste", "display")
_ROWS_AT_ONCE: Final = 10_000


class JournalDamaged(WellbeingError):
    code, status = "journal_damaged", 409
    detail = _("Part of your journal was altered outside this site. Please look at it on the page of your vault first.")


def compact_inbox(opened: OpenedVault, *, settled_after: timedelta = SETTLED_AFTER) -> None:
    """Move what waits in the inbox into its months' pages, and delete what is older than it is kept, but for settings.

    Rows that do not open stay where they are, as do entries of a month whose page does not hold.
    """
    compact(opened, open_rows(opened, rows_of(opened)), settled_after=settled_after)


def compact(opened: OpenedVault, inbox: Inbox, *, settled_after: timedelta = SETTLED_AFTER) -> set[UUID]:
    """`compact_inbox` with rows opened already, which takes longest and needs no lock. Returns what left the inbox."""
    now = timezone.now()
    with _locked(opened) as (vault, store):
        _note_month(vault, now)
        if not store.is_listed:
            return set()
        oldest = oldest_kept(vault, now)
        settled = [entry for entry in inbox.entries if entry.at <= now - settled_after]
        placed = _merge(store, settled, oldest)
        _carry_over_settings(store, _prune(store, oldest), now)
        store.save()
        _delete_rows(opened, placed)
    return placed


def is_due(opened: OpenedVault, inbox: Inbox, store: PageStore) -> bool:
    """Whether `compact` would find something to do."""
    now = timezone.now()
    if any(entry.at <= now - SETTLED_AFTER for entry in inbox.entries):
        return True
    vault = Vault.objects.filter(pk=opened.vault_id).first()
    oldest = oldest_kept(vault, now).toordinal() if vault else 0
    return any(note.first_day < oldest for note in store.manifest.notes)


def add_entries(opened: OpenedVault, entries: Iterable[JournalEntry]) -> int:
    """Put entries of one's own (an export that comes back) straight into pages; returns how many were new.

    An id or a capture that is there already, or was deleted, is skipped, as is what is older than entries are kept.
    Raises JournalDamaged, and adds nothing, when a month they belong to does not hold.
    """
    given = list(entries)
    with _locked(opened) as (vault, store):
        before = _count(store, given)
        if not store.is_listed or len(_merge(store, given, oldest_kept(vault, timezone.now()))) < len(given):
            raise JournalDamaged
        store.save()
        return _count(store, given) - before


def delete_entry(opened: OpenedVault, entry_id: UUID) -> None:
    """Delete one entry, damaged or not, and the corrections of it. Raises NotFound for an entry of another vault.

    Raises JournalDamaged when it might be in a page while the list of pages does not hold.
    """
    with _locked(opened) as (_, store):
        inbox = open_rows(opened, rows_of(opened))
        month_pages = store.read()[0] if store.is_listed else []
        entries = [*inbox.entries, *(entry for month_page in month_pages for entry in month_page.choose())]
        deleted = [entry for entry in entries if entry.id == entry_id or _corrects(entry, entry_id)]
        days = dict(inbox.damaged)
        if entry_id not in {entry.id for entry in deleted} | days.keys():
            raise NotFound if store.is_listed else JournalDamaged
        rows_of(opened).filter(pk__in=[entry_id, *(entry.id for entry in deleted)]).delete()
        if store.is_listed:
            _delete_entries(store, deleted, {entry_id: days[entry_id]} if entry_id in days else {})
            store.save()


def accept_losses(opened: OpenedVault) -> None:
    """Go on with what opens: damaged rows and pages are deleted, and a list that does not hold is made anew."""
    with _locked(opened) as (_, store):
        inbox = open_rows(opened, rows_of(opened))
        rows_of(opened).filter(pk__in=[row_id for row_id, _ in inbox.damaged]).delete()
        if not store.is_listed:
            store.relist()
        for page in store.read()[1]:
            store.forget(page.month)
        store.save()
    logger.warning("vault %s: its owner goes on without what was damaged", opened.vault_id)


@contextmanager
def _locked(opened: OpenedVault) -> Iterator[tuple[Vault, PageStore]]:
    """Raises VaultRequired when it was erased meanwhile."""
    with transaction.atomic():
        # Not against the key: workers may go on appending.
        vault = Vault.objects.select_for_update(no_key=True).filter(pk=opened.vault_id).first()
        if vault is None:
            raise VaultRequired
        yield vault, open_page_store(opened)


def _note_month(vault: Vault, now: datetime) -> None:
    """From which it is counted how long nobody has come back; see `vault.services.retention`."""
    month = now.astimezone(UTC).date().replace(day=1)
    if vault.opened_in != month:
        Vault.objects.filter(pk=vault.pk).update(opened_in=month)


def _merge(store: PageStore, entries: Collection[JournalEntry], oldest: date) -> set[UUID]:
    """Stage what is new, and return every id that has no more business in the inbox."""
    placed = {entry.id for entry in entries if entry.at.astimezone(UTC).date() < oldest}
    kept = sorted((entry for entry in entries if entry.id not in placed), key=lambda entry: entry.at)
    for month, group in groupby(kept, key=lambda entry: month_of(entry.at)):
        month_page = store.month_page(month)
        if month_page is None:
            continue
        before = store.month_page(month_before(month))
        known = month_page.known | (before.known if before else set())
        for entry in group:
            marks = {entry.id} | tombstones_for(entry)
            if marks.isdisjoint(known):
                month_page.add(entry)
                store.write(month_page)
            known |= marks
            placed.add(entry.id)
    return placed


def _prune(store: PageStore, oldest: date) -> list[JournalEntry]:
    """Drop what is older than it is kept, and return it."""
    dropped: list[JournalEntry] = []
    for note in store.manifest.notes:
        month_page = store.month_page(note.month) if note.first_day < oldest.toordinal() else None
        if month_page is not None:
            dropped += month_page.drop_before(oldest)
            store.write(month_page) if month_page.lines or month_page.first_day >= oldest else store.forget(note.month)
    return dropped


def _carry_over_settings(store: PageStore, dropped: Collection[JournalEntry], now: datetime) -> None:
    """Write anew, marked as `kept`, each setting that was dropped and that nothing later replaced.

    Dated before whatever has not settled, which may replace it.
    """
    settings = {entry.kind: entry for entry in sorted(dropped, key=lambda entry: entry.at) if entry.kind in STANDING}
    if not settings:
        return
    replaced = {line[1] for month_page in store.read()[0] for line in month_page.lines.values()}
    at = now - SETTLED_AFTER
    month_page = store.month_page(month_of(at))
    for kind in settings.keys() - replaced:
        if month_page is not None:
            month_page.add(JournalEntry(uuid4(), kind, at, {**settings[kind].data, "kept": True}))
            store.write(month_page)


def _delete_entries(store: PageStore, deleted: Collection[JournalEntry], damaged: dict[UUID, date]) -> None:
    """Delete entries from their pages, and note there that they were deleted."""
    for entry in deleted:
        month_page = store.month_page(month_of(entry.at))
        if month_page is not None:
            month_page.drop(entry)
            store.write(month_page)
    for row_id, day in damaged.items():
        month_page = store.month_page(day.year * 100 + day.month)
        if month_page is not None:
            month_page.tombstones.add(row_id)
            store.write(month_page)


def _corrects(entry: JournalEntry, entry_id: UUID) -> bool:
    return entry.kind == "correction" and entry.data["of"] == str(entry_id)


def find_entry(opened: OpenedVault, entry_id: UUID) -> JournalEntry | None:
    for entry in open_rows(opened, rows_of(opened).filter(pk=entry_id)).entries:
        return entry
    month_pages, _ = open_page_store(opened).read()
    return next((found for month_page in reversed(month_pages) if (found := month_page.find(entry_id))), None)


def _count(store: PageStore, entries: Iterable[JournalEntry]) -> int:
    """How many of these are in their pages."""
    return sum(
        month_page is not None and e.id.hex in month_page.lines
        for e in entries
        for month_page in [store.month_page(month_of(e.at))]
    )


def _delete_rows(opened: OpenedVault, ids: Collection[UUID]) -> None:
    # SQLite takes so many values in one statement, and no more.
    some = list(ids)
    for start in range(0, len(some), _ROWS_AT_ONCE):
        rows_of(opened).filter(pk__in=some[start : start + _ROWS_AT_ONCE]).delete()
