"""Compacting the inbox into pages, and every other change to a journal that needs it opened.

One change at a time: each holds the vault's row locked (on SQLite the whole database) in one transaction, so that two
tabs, two devices, or a process killed half-way lose nothing.
"""

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
from msgspec import structs

from core.exceptions import NotFound, VaultRequired, WellbeingError
from vault.authentic import is_vault_signed, sign_vault
from vault.journal.contents import AnyEntry, JournalEntry, Line, open_lines
from vault.journal.entries import OpenedVault
from vault.journal.inbox import Inbox, open_rows, rows_of
from vault.journal.kinds import STANDING, Correction
from vault.journal.pages import PageStore, moment_of, month_before, month_of, open_page_store, tombstones_for
from vault.journal.retention import is_over, oldest_kept
from vault.models import Vault

logger = logging.getLogger(__name__)

#: Entries younger than this stay in the inbox, where a second request that appends the same one collides with it.
SETTLED_AFTER: Final = timedelta(minutes=1)
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
        settled = [line for line in inbox.lines if moment_of(line.at) <= now - settled_after]
        placed = _merge(store, settled, oldest, now)
        _carry_over_settings(store, _prune(store, oldest, now), now)
        store.save()
        _delete_rows(opened, placed)
    return placed


def is_due(opened: OpenedVault, inbox: Inbox, store: PageStore) -> bool:
    """Whether `compact` would find something to do."""
    now = timezone.now()
    if any(moment_of(line.at) <= now - SETTLED_AFTER for line in inbox.lines):
        return True
    vault = Vault.objects.filter(pk=opened.vault_id).first()
    oldest = oldest_kept(vault, now).toordinal() if vault else 0
    return any(note.first_day < oldest for note in store.manifest.notes)


def add_entries(opened: OpenedVault, entries: Iterable[AnyEntry]) -> int:
    """Put entries of one's own (an export that comes back) straight into pages; returns how many were new.

    An id or a capture that is there already, or was deleted, is skipped, as is what is older than entries are kept.
    Raises JournalDamaged, and adds nothing, when a month they belong to does not hold; Impossible.
    """
    given = [Line.of(entry) for entry in entries]
    with _locked(opened) as (vault, store):
        now = timezone.now()
        _note_month(vault, now)
        before = _count(store, given)
        if not store.is_listed or len(_merge(store, given, oldest_kept(vault, now), now)) < len(given):
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
        lines = [*inbox.lines, *(line for month_page in month_pages for line in month_page.lines.values())]
        deleted = [line for line in lines if line.id == entry_id or _corrects(line, entry_id)]
        days = dict(inbox.damaged)
        if entry_id not in {line.id for line in deleted} | days.keys():
            raise NotFound if store.is_listed else JournalDamaged
        rows_of(opened).filter(pk__in=[entry_id, *(line.id for line in deleted)]).delete()
        if store.is_listed:
            _delete_lines(store, deleted, {entry_id: days[entry_id]} if entry_id in days else {})
            store.save()


def accept_losses(opened: OpenedVault) -> None:
    """Go on with what opens and can be: the rest is deleted, and a list that does not hold is made anew."""
    with _locked(opened) as (_, store):
        inbox = open_rows(opened, rows_of(opened))
        if not store.is_listed:
            store.relist()
        month_pages, pages = store.read()
        impossible = [line for line in inbox.lines if _open_line(line) is None]
        _delete_rows(opened, [*(row_id for row_id, _ in inbox.damaged), *(line.id for line in impossible)])
        for month_page in month_pages:
            _delete_lines(store, [line for line in month_page.lines.values() if _open_line(line) is None], {})
        for page in pages:
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
    """From which it is counted how long nobody has come back; see `vault.services.retention`.

    What somebody else has written into the row is left for its owner to see, and not vouched for.
    """
    month = now.astimezone(UTC).date().replace(day=1)
    if vault.opened_in != month and is_vault_signed(vault):
        vault.opened_in = month
        sign_vault(vault)
        vault.save(update_fields=["opened_in", "mac"])


def _merge(store: PageStore, lines: Collection[Line], oldest: date, now: datetime) -> set[UUID]:
    """Stage what is new, and return every id that has no more business in the inbox."""
    placed = {line.id for line in lines if is_over(line, oldest=oldest, now=now)}
    kept = sorted((line for line in lines if line.id not in placed), key=lambda line: line.at)
    for month, group in groupby(kept, key=lambda line: month_of(moment_of(line.at))):
        month_page = store.month_page(month)
        if month_page is None:
            continue
        before = store.month_page(month_before(month))
        known = month_page.known | (before.known if before else set())
        for line in group:
            marks = {line.id} | tombstones_for(line)
            if marks.isdisjoint(known):
                month_page.add(line)
                store.write(month_page)
            known |= marks
            placed.add(line.id)
    return placed


def _prune(store: PageStore, oldest: date, now: datetime) -> list[Line]:
    """Drop what is older than it is kept, and return it, oldest first."""
    dropped: list[Line] = []
    for note in store.manifest.notes:
        month_page = store.month_page(note.month) if note.first_day < oldest.toordinal() else None
        if month_page is None:
            continue
        old = [line for line in month_page.lines.values() if is_over(line, oldest=oldest, now=now)]
        for line in old:
            del month_page.lines[line.id]
        if not month_page.lines and month_page.first_day < oldest:
            store.forget(note.month)
        elif old:
            store.write(month_page)
        dropped += old
    return dropped


def _carry_over_settings(store: PageStore, dropped: Collection[Line], now: datetime) -> None:
    """Write anew, marked as `kept`, each setting that was dropped and that nothing later replaced.

    Dated before whatever has not settled, which may replace it.
    """
    latest = {line.kind: line for line in dropped}
    settings = [latest[kind.kind] for kind in STANDING if kind.kind in latest]
    if not settings:
        return
    replaced = {line.kind for month_page in store.read()[0] for line in month_page.lines.values()}
    at = now - SETTLED_AFTER
    month_page = store.month_page(month_of(at))
    for line in settings:
        entry = _open_line(line)
        if month_page is not None and line.kind not in replaced and entry is not None:
            month_page.add(Line.of(JournalEntry(uuid4(), at, structs.replace(entry.data, kept=True))))
            store.write(month_page)


def _delete_lines(store: PageStore, deleted: Collection[Line], damaged: dict[UUID, date]) -> None:
    """Delete lines from their pages, and note there that they were deleted."""
    for line in deleted:
        month_page = store.month_page(month_of(moment_of(line.at)))
        if month_page is not None:
            month_page.drop(line)
            store.write(month_page)
    for row_id, day in damaged.items():
        month_page = store.month_page(day.year * 100 + day.month)
        if month_page is not None:
            month_page.tombstones.add(row_id)
            store.write(month_page)


def _open_line(line: Line) -> AnyEntry | None:
    """None for one that holds what cannot be."""
    return next(iter(open_lines([line], now=timezone.now().timestamp())[0]), None)


def _corrects(line: Line, entry_id: UUID) -> bool:
    entry = _open_line(line) if line.kind == Correction.kind else None
    return entry is not None and isinstance(entry.data, Correction) and entry.data.of == entry_id


def find_entry(opened: OpenedVault, entry_id: UUID) -> AnyEntry | None:
    """None too for one that holds what cannot be."""
    for line in open_rows(opened, rows_of(opened).filter(pk=entry_id)).lines:
        return _open_line(line)
    month_pages, _ = open_page_store(opened).read()
    return next((_open_line(page.lines[entry_id]) for page in month_pages if entry_id in page.lines), None)


def _count(store: PageStore, lines: Iterable[Line]) -> int:
    """How many of these are in their pages."""
    return sum(
        month_page is not None and line.id in month_page.lines
        for line in lines
        for month_page in [store.month_page(month_of(moment_of(line.at)))]
    )


def _delete_rows(opened: OpenedVault, ids: Collection[UUID]) -> None:
    # SQLite takes so many values in one statement, and no more.
    some = list(ids)
    for start in range(0, len(some), _ROWS_AT_ONCE):
        rows_of(opened).filter(pk__in=some[start : start + _ROWS_AT_ONCE]).delete()
