"""What reading a journal gives: entries of each kind, and what must not be believed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast
from uuid import UUID

from msgspec import Raw

from vault.journal.kinds import Correction, Impossible, Kind, decode_data, encode_data

#: No entry is older, and none of later than now but for clocks that differ.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER: Final = timedelta(days=1)
_EARLIEST, _CLOCKS_DIFFER = EARLIEST.timestamp(), CLOCKS_DIFFER.total_seconds()

K = TypeVar("K", bound=Kind)
KindT_co = TypeVar("KindT_co", bound=Kind, covariant=True)


class JournalEntry(NamedTuple, Generic[KindT_co]):
    """A tuple, because five years are fifteen thousand of them and a page waits until they are made."""

    id: UUID
    at: datetime
    data: KindT_co

    def __repr__(self) -> str:
        return f"JournalEntry(id={self.id!r}, at={self.at!r}, data={type(self.data).__name__}(...))"


AnyEntry = JournalEntry[Kind]


class Line(NamedTuple):
    """An entry as it is kept, with `at` in Unix seconds. What only moves entries makes nothing of their data."""

    id: UUID
    kind: str
    at: float
    data: Raw

    @classmethod
    def of(cls, entry: AnyEntry) -> "Line":
        """Raises Impossible."""
        return cls(entry.id, entry.data.kind, entry.at.timestamp(), encode_data(entry.data))


def open_lines(lines: Iterable[Line], *, now: float) -> tuple[list[AnyEntry], list[UUID]]:
    """Entries in order of time, and the ids of lines that hold what cannot be.

    Those are of no known kind, do not fit it, or are of a moment before 2000 or after `now` (in Unix seconds).
    """
    entries: list[AnyEntry] = []
    impossible = []
    latest = now + _CLOCKS_DIFFER
    for entry_id, kind, at, data in lines:
        try:
            if not _EARLIEST <= at <= latest:
                raise Impossible
            entries.append(JournalEntry(entry_id, datetime.fromtimestamp(at, UTC), decode_data(kind, data)))
        except Impossible:
            impossible.append(entry_id)
    entries.sort(key=attrgetter("at"))
    return entries, impossible


@dataclass(frozen=True, slots=True)
class Damage:
    """What a page tells of what must not be believed; false when there is nothing to tell."""

    entries: int = 0
    pages: int = 0
    months: tuple[date, ...] = ()
    is_listed: bool = True

    def __bool__(self) -> bool:
        return bool(self.entries or self.pages) or not self.is_listed


NO_DAMAGE: Final = Damage()


@dataclass(frozen=True)
class Journal:
    """Entries in order of time, and what must not be believed.

    `damaged` are the ids of rows and pages that do not open or are not the ones they should be, and of entries that
    hold what cannot be; `damage` counts them, and names the months whose pages they are. While `damage.is_listed` is
    false, the list of pages itself does not hold: what is there opens, but nobody can say whether something is missing.
    """

    entries: tuple[AnyEntry, ...] = ()
    damaged: tuple[UUID, ...] = ()
    damage: Damage = NO_DAMAGE

    def of(self, kind: type[K]) -> tuple[JournalEntry[K], ...]:
        return cast("tuple[JournalEntry[K], ...]", self._by_kind.get(kind, ()))

    def latest(self, kind: type[K]) -> JournalEntry[K] | None:
        found = self.of(kind)
        return found[-1] if found else None

    @cached_property
    def corrections(self) -> dict[UUID, str]:
        """What the person last said that a reading showed, by the reading's id."""
        return {entry.data.of: entry.data.expression for entry in self.of(Correction)}

    @cached_property
    def _by_kind(self) -> Mapping[type[Kind], tuple[AnyEntry, ...]]:
        kinds: dict[type[Kind], list[Any]] = {}
        for entry in self.entries:
            kinds.setdefault(type(entry.data), []).append(entry)
        return {kind: tuple(entries) for kind, entries in kinds.items()}
