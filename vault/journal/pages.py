"""The pages of one journal and the manifest over them, as they stand in the database.

A page's body is JSON `{"v": 1, "entries": [[id, kind, at, data], ...], "gone": [id, ...]}`: `gone` names what was
deleted (see `tombstones_for`), so that a copy of its old row, put back into the inbox, does not bring it back.
"""

import gc
import hashlib
import logging
import struct
import uuid
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import inf
from typing import Final
from uuid import UUID

import msgspec

from vault.crypto.errors import Damaged
from vault.crypto.pages import (
    Manifest,
    Page,
    PageKey,
    PageNote,
    derive_page_key,
    manifest_mark,
    open_manifest,
    open_noted_page,
    open_page,
    page_digest,
    seal_manifest,
    seal_page,
)
from vault.journal.contents import Line
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Reading
from vault.models import Manifest as ManifestRow
from vault.models import Page as PageRow

logger = logging.getLogger(__name__)

_BODY_VERSION: Final = 1


class _Body(msgspec.Struct):
    v: int
    entries: Collection[Line]
    gone: Collection[UUID]


class _Capture(msgspec.Struct):
    capture: UUID


_BODY, _CAPTURE = msgspec.json.Decoder(_Body), msgspec.json.Decoder(_Capture)
_ENCODER: Final = msgspec.json.Encoder(uuid_format="hex")


@dataclass(slots=True)
class MonthPage:
    """An opened page: one month's lines, and the marks of what was deleted from it.

    Lines stand as in the page, by id. They become entries when they are wanted, which takes longer than opening.
    """

    month: int
    lines: dict[UUID, Line] = field(default_factory=dict)
    tombstones: set[UUID] = field(default_factory=set)

    @property
    def known(self) -> set[UUID]:
        """What may not come in again: ids and captures of entries that are here, and of those that were."""
        captures = {capture for line in self.lines.values() if (capture := capture_of(line))}
        return self.lines.keys() | captures | self.tombstones

    @property
    def first_day(self) -> date:
        """Of the oldest entry; of an emptied page the month's last day, until when its `gone` matters."""
        if self.lines:
            return moment_of(min(line.at for line in self.lines.values())).date()
        year, month = divmod(self.month, 100)
        return date(year, month, monthrange(year, month)[1])

    def choose(self, *, since: float = -inf, until: float = inf, always: Collection[str] = ()) -> list[Line]:
        """Lines with `since <= at < until` in Unix seconds, and those of the kinds in `always` from before."""
        return [line for line in self.lines.values() if line.at < until and (line.at >= since or line.kind in always)]

    def add(self, line: Line) -> None:
        self.lines[line.id] = line

    def drop(self, line: Line) -> None:
        """Delete the line and remember that it, and its capture, were deleted."""
        self.lines.pop(line.id, None)
        self.tombstones |= tombstones_for(line)

    def to_body(self) -> bytes:
        lines = sorted(self.lines.values(), key=lambda line: line.at)
        return _ENCODER.encode(_Body(_BODY_VERSION, lines, sorted(self.tombstones)))

    @classmethod
    def from_page(cls, page: Page) -> "MonthPage":
        """Raises Damaged."""
        try:
            plain = _BODY.decode(page.body)
        except (ValueError, RecursionError) as error:
            raise Damaged("a page of an unknown form") from error
        if plain.v != _BODY_VERSION:
            raise Damaged("a page of an unknown version")
        return cls(page.month, {line.id: line for line in plain.entries}, set(plain.gone))


@dataclass(frozen=True, slots=True)
class DamagedPage:
    """A page the manifest names and which is gone, altered, or another version; month as year * 100 + month."""

    page_id: UUID
    month: int


@dataclass(slots=True)
class PageStore:
    """What the manifest says there is. To change it, lock the vault's row, `write` month pages, then `save` once.

    While `is_listed` is false the manifest is missing or does not open: every page that opens by itself is read, and
    nothing is written.
    """

    vault_id: UUID
    key: PageKey
    manifest: Manifest
    sealed: bytes
    is_listed: bool
    _month_pages: dict[int, MonthPage | None] = field(default_factory=dict)
    _changed: dict[int, MonthPage] = field(default_factory=dict)

    def read(self, wanted: Callable[[int], bool] = lambda month: True) -> tuple[list[MonthPage], list[DamagedPage]]:
        """The month_pages of the wanted months, oldest first, and the pages that do not hold."""
        if not self.is_listed:
            return self._read_unlisted(wanted)
        notes = sorted((note for note in self.manifest.notes if wanted(note.month)), key=lambda note: note.month)
        self._load(notes)
        month_pages = [month_page for note in notes if (month_page := self._month_pages[note.month])]
        return month_pages, [DamagedPage(n.page_id, n.month) for n in notes if self._month_pages[n.month] is None]

    def month_page(self, month: int) -> MonthPage | None:
        """This month's month_page, an empty one when there is none yet, None when its page does not hold."""
        if month not in self._month_pages:
            self._load([note for note in self.manifest.notes if note.month == month])
        return self._month_pages.setdefault(month, MonthPage(month))

    def write(self, month_page: MonthPage) -> None:
        self._month_pages[month_page.month] = self._changed[month_page.month] = month_page

    def forget(self, month: int) -> None:
        """Delete the page of this month, whether it holds or not."""
        self.write(MonthPage(month))

    def save(self) -> None:
        """Seal what changed and the manifest over it, in the caller's transaction. Nothing happens without changes."""
        if not self._changed:
            return
        version = self.manifest.version + 1
        notes = {note.month: note for note in self.manifest.notes}
        for month, month_page in self._changed.items():
            note = self._save_page(month_page, notes.pop(month, None), version)
            if note is not None:
                notes[month] = note
        ancestors = (*self.manifest.ancestors, manifest_mark(self.sealed)) if self.sealed else self.manifest.ancestors
        self.manifest = Manifest(version, tuple(notes[month] for month in sorted(notes)), ancestors)
        self.sealed = seal_manifest(self.manifest, key=self.key)
        ManifestRow.objects.update_or_create(vault_id=self.vault_id, defaults={"sealed": self.sealed})
        self._changed.clear()

    def relist(self) -> None:
        """Make a new manifest of the pages that open, and delete those that do not."""
        month_pages, _ = self._read_unlisted(lambda month: True)
        versions = [version for version, _ in self._open_unlisted()]
        PageRow.objects.filter(vault_id=self.vault_id).delete()
        self.manifest, self.sealed, self.is_listed = Manifest(version=max(versions, default=0)), b"", True
        for month_page in month_pages:
            self.write(month_page)
        if not month_pages:
            ManifestRow.objects.filter(pk=self.vault_id).delete()
        self.save()

    def _save_page(self, month_page: MonthPage, note: PageNote | None, version: int) -> PageNote | None:
        rows = PageRow.objects.filter(vault_id=self.vault_id)
        if not (month_page.lines or month_page.tombstones):
            if note is not None:
                rows.filter(pk=note.page_id).delete()
            return None
        page_id = note.page_id if note else uuid.uuid4()
        month = month_page.month
        sealed = seal_page(Page(month, version, month_page.to_body()), key=self.key, page_id=page_id)
        if not rows.filter(pk=page_id).update(sealed=sealed):
            rows.create(pk=page_id, vault_id=self.vault_id, sealed=sealed)
        return PageNote(page_id, month, version, month_page.first_day.toordinal(), page_digest(sealed))

    def _load(self, notes: Iterable[PageNote]) -> None:
        missing = [note for note in notes if note.month not in self._month_pages]
        rows = PageRow.objects.filter(vault_id=self.vault_id, pk__in=[note.page_id for note in missing])
        sealed = {pk: bytes(blob) for pk, blob in rows.values_list("pk", "sealed")} if missing else {}
        with collector_paused():
            for note in missing:
                self._month_pages[note.month] = self._open_noted(sealed.get(note.page_id, b""), note)

    def _open_noted(self, sealed: bytes, note: PageNote) -> MonthPage | None:
        try:
            return MonthPage.from_page(open_noted_page(sealed, key=self.key, note=note))
        except Damaged as error:
            logger.error("page %s of vault %s is not used: %s", note.page_id, self.vault_id, error)
            return None

    def _read_unlisted(self, wanted: Callable[[int], bool]) -> tuple[list[MonthPage], list[DamagedPage]]:
        """The newest page of each month that opens by itself."""
        newest: dict[int, tuple[int, MonthPage]] = {}
        for version, month_page in self._open_unlisted():
            month = month_page.month
            if wanted(month) and (month not in newest or newest[month][0] < version):
                newest[month] = (version, month_page)
        return [newest[month][1] for month in sorted(newest)], []

    def _open_unlisted(self) -> Iterable[tuple[int, MonthPage]]:
        for page_id, sealed in PageRow.objects.filter(vault_id=self.vault_id).values_list("pk", "sealed"):
            try:
                page = open_page(bytes(sealed), key=self.key, page_id=page_id)
                yield page.version, MonthPage.from_page(page)
            except Damaged as error:
                logger.error("page %s of vault %s is not used: %s", page_id, self.vault_id, error)


def open_page_store(opened: OpenedVault) -> PageStore:
    """The journal's manifest, opened. A journal that was never compacted has none and no pages."""
    key = derive_page_key(opened.private, vault_id=opened.vault_id)
    sealed = bytes(ManifestRow.objects.filter(pk=opened.vault_id).values_list("sealed", flat=True).first() or b"")
    if not sealed:
        has_pages = PageRow.objects.filter(vault_id=opened.vault_id).exists()
        return PageStore(opened.vault_id, key, Manifest(), b"", is_listed=not has_pages)
    try:
        return PageStore(opened.vault_id, key, open_manifest(sealed, key=key), sealed, is_listed=True)
    except Damaged as error:
        logger.error("the manifest of vault %s is not used: %s", opened.vault_id, error)
        return PageStore(opened.vault_id, key, Manifest(), sealed, is_listed=False)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Five years are a hundred thousand new objects and no garbage: looking for it took a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def capture_of(line: Line) -> UUID | None:
    """The capture a reading came from; None for other entries, and for data that names none."""
    try:
        return _CAPTURE.decode(line.data).capture if line.kind == Reading.kind else None
    except ValueError:
        return None


def moment_of(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def tombstones_for(line: Line) -> set[UUID]:
    """What tells this entry from all others: a digest of id and moment, and the capture it came from.

    The id alone would not do: where ids follow from what an entry is about, a new one may get that of a deleted one.
    """
    digest = hashlib.blake2b(line.id.bytes + struct.pack(">d", line.at), digest_size=16)
    return {UUID(bytes=digest.digest())} | ({capture} if (capture := capture_of(line)) else set())


def month_of(at: datetime) -> int:
    """Year * 100 + month in UTC."""
    moment = at.astimezone(UTC)
    return moment.year * 100 + moment.month


def first_of(month: int) -> date:
    return date(month // 100, month % 100, 1)


def month_before(month: int) -> int:
    return month - 1 if month % 100 > 1 else month - 89
