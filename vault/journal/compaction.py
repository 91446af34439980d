"""Folding the inbox into pages, and every other change to a journal that needs it opened.

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

from core.exceptions import NotFound, VaultRequired, WellbeingError
from vault.journal.entries import JournalEntry, OpenedVault
from vault.journal.inbox import Inbox, open_rows, rows_of
from vault.journal.pages import Book, load_book, marks_of, month_before, month_of
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
    detail = "Part of your journal was altered outside this site. Please look at it on the page of your vault first."


def fold_inbox(opened: OpenedVault, *, settled_after: timedelta = SETTLED_AFTER) -> None:
    """Move what waits in the inbox into its months' pages, and delete what is older than it is kept, but for settings.

    Rows that do not open stay where they are, as do entries of a month whose page does not hold.
    """
    fold(opened, open_rows(opened, rows_of(opened)), settled_after=settled_after)


def fold(opened: OpenedVault, inbox: Inbox, *, settled_after: timedelta = SETTLED_AFTER) -> set[UUID]:
    """`fold_inbox` with rows opened already, which takes longest and needs no lock. Returns what left the inbox."""
    now = timezone.now()
    with _locked(opened) as (vault, book):
        _note_month(vault, now)
        if not book.is_listed:
            return set()
        oldest = oldest_kept(vault, now)
        settled = [entry for entry in inbox.entries if entry.at <= now - settled_after]
        placed = _merge(book, settled, oldest)
        _take_along(book, _prune(book, oldest), now)
        book.save()
        _delete_rows(opened, placed)
    return placed


def is_due(opened: OpenedVault, inbox: Inbox, book: Book) -> bool:
    """Whether `fold` would find something to do."""
    now = timezone.now()
    if any(entry.at <= now - SETTLED_AFTER for entry in inbox.entries):
        return True
    vault = Vault.objects.filter(pk=opened.vault_id).first()
    oldest = oldest_kept(vault, now).toordinal() if vault else 0
    return any(note.first_day < oldest for note in book.manifest.notes)


def add_entries(opened: OpenedVault, entries: Iterable[JournalEntry]) -> int:
    """Put entries of one's own (an export that comes back) straight into pages; returns how many were new.

    An id or a capture that is there already, or was deleted, is skipped, as is what is older than entries are kept.
    Raises JournalDamaged, and adds nothing, when a month they belong to does not hold.
    """
    given = list(entries)
    with _locked(opened) as (vault, book):
        before = _count(book, given)
        if not book.is_listed or len(_merge(book, given, oldest_kept(vault, timezone.now()))) < len(given):
            raise JournalDamaged
        book.save()
        return _count(book, given) - before


def delete_entry(opened: OpenedVault, entry_id: UUID) -> None:
    """Delete one entry, damaged or not, and the corrections of it. Raises NotFound for an entry of another vault.

    Raises JournalDamaged when it might be in a page while the list of pages does not hold.
    """
    with _locked(opened) as (_, book):
        inbox = open_rows(opened, rows_of(opened))
        leaves = book.read()[0] if book.is_listed else []
        entries = [*inbox.entries, *(entry for leaf in leaves for entry in leaf.choose())]
        doomed = [entry for entry in entries if entry.id == entry_id or _corrects(entry, entry_id)]
        days = dict(inbox.damaged)
        if entry_id not in {entry.id for entry in doomed} | days.keys():
            raise NotFound if book.is_listed else JournalDamaged
        rows_of(opened).filter(pk__in=[entry_id, *(entry.id for entry in doomed)]).delete()
        if book.is_listed:
            _bury(book, doomed, {entry_id: days[entry_id]} if entry_id in days else {})
            book.save()


def accept_losses(opened: OpenedVault) -> None:
    """Go on with what opens: damaged rows and pages are deleted, and a list that does not hold is made anew."""
    with _locked(opened) as (_, book):
        inbox = open_rows(opened, rows_of(opened))
        rows_of(opened).filter(pk__in=[row_id for row_id, _ in inbox.damaged]).delete()
        if not book.is_listed:
            book.relist()
        for page in book.read()[1]:
            book.forget(page.month)
        book.save()
    logger.warning("vault %s: its owner goes on without what was damaged", opened.vault_id)


@contextmanager
def _locked(opened: OpenedVault) -> Iterator[tuple[Vault, Book]]:
    """Raises VaultRequired when it was erased meanwhile."""
    with transaction.atomic():
        # Not against the key: workers may go on appending.
        vault = Vault.objects.select_for_update(no_key=True).filter(pk=opened.vault_id).first()
        if vault is None:
            raise VaultRequired
        yield vault, load_book(opened)


def _note_month(vault: Vault, now: datetime) -> None:
    """From which it is counted how long nobody has come back; see `vault.services.retention`."""
    month = now.astimezone(UTC).date().replace(day=1)
    if vault.opened_in != month:
        Vault.objects.filter(pk=vault.pk).update(opened_in=month)


def _merge(book: Book, entries: Collection[JournalEntry], oldest: date) -> set[UUID]:
    """Stage what is new, and return every id that has no more business in the inbox."""
    placed = {entry.id for entry in entries if entry.at.astimezone(UTC).date() < oldest}
    kept = sorted((entry for entry in entries if entry.id not in placed), key=lambda entry: entry.at)
    for month, group in groupby(kept, key=lambda entry: month_of(entry.at)):
        leaf = book.leaf(month)
        if leaf is None:
            continue
        before = book.leaf(month_before(month))
        known = leaf.known | (before.known if before else set())
        for entry in group:
            marks = {entry.id} | marks_of(entry)
            if marks.isdisjoint(known):
                leaf.add(entry)
                book.write(leaf)
            known |= marks
            placed.add(entry.id)
    return placed


def _prune(book: Book, oldest: date) -> list[JournalEntry]:
    """Drop what is older than it is kept, and return it."""
    dropped: list[JournalEntry] = []
    for note in book.manifest.notes:
        leaf = book.leaf(note.month) if note.first_day < oldest.toordinal() else None
        if leaf is not None:
            dropped += leaf.drop_before(oldest)
            book.write(leaf) if leaf.lines or leaf.first_day >= oldest else book.forget(note.month)
    return dropped


def _take_along(book: Book, dropped: Collection[JournalEntry], now: datetime) -> None:
    """Write anew, marked as `kept`, each setting that was dropped and that nothing later replaced.

    Dated before whatever has not settled, which may replace it.
    """
    settings = {entry.kind: entry for entry in sorted(dropped, key=lambda entry: entry.at) if entry.kind in STANDING}
    if not settings:
        return
    replaced = {line[1] for leaf in book.read()[0] for line in leaf.lines.values()}
    at = now - SETTLED_AFTER
    leaf = book.leaf(month_of(at))
    for kind in settings.keys() - replaced:
        if leaf is not None:
            leaf.add(JournalEntry(uuid4(), kind, at, {**settings[kind].data, "kept": True}))
            book.write(leaf)


def _bury(book: Book, doomed: Collection[JournalEntry], damaged: dict[UUID, date]) -> None:
    """Delete entries from their pages, and note there that they were deleted."""
    for entry in doomed:
        leaf = book.leaf(month_of(entry.at))
        if leaf is not None:
            leaf.drop(entry)
            book.write(leaf)
    for row_id, day in damaged.items():
        leaf = book.leaf(day.year * 100 + day.month)
        if leaf is not None:
            leaf.gone.add(row_id)
            book.write(leaf)


def _corrects(entry: JournalEntry, entry_id: UUID) -> bool:
    return entry.kind == "correction" and entry.data["of"] == str(entry_id)


def find_entry(opened: OpenedVault, entry_id: UUID) -> JournalEntry | None:
    for entry in open_rows(opened, rows_of(opened).filter(pk=entry_id)).entries:
        return entry
    leaves, _ = load_book(opened).read()
    return next((found for leaf in reversed(leaves) if (found := leaf.find(entry_id))), None)


def _count(book: Book, entries: Iterable[JournalEntry]) -> int:
    """How many of these are in their pages."""
    return sum(leaf is not None and e.id.hex in leaf.lines for e in entries for leaf in [book.leaf(month_of(e.at))])


def _delete_rows(opened: OpenedVault, ids: Collection[UUID]) -> None:
    # SQLite takes so many values in one statement, and no more.
    some = list(ids)
    for start in range(0, len(some), _ROWS_AT_ONCE):
        rows_of(opened).filter(pk__in=some[start : start + _ROWS_AT_ONCE]).delete()
