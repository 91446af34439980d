"""What the journal holds about a mood: what the camera saw and what the person said, in columns.

Columns, because a year holds thousands of readings and the page waits for their sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from itertools import chain
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from emotion.labels import EXPRESSIONS, LOW_CONFIDENCE, READING
from recommender.mood.prevalence import Floats

_SIZE: Final = len(EXPRESSIONS)
_LEAST_QUALITY: Final = 0.05
_OFF_ONE: Final = 0.02
_NO_ROW: Final = (-1.0,) * _SIZE
_SEQUENCES: Final = (list, tuple)
_SAID: Final = {"pleasantness", "energy"}
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_END: Final = datetime.max.replace(tzinfo=UTC)


class JournalLine(Protocol):
    """What is needed of a journal entry; `at` is aware."""

    @property
    def id(self) -> Any: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Readings:
    """Looks at a face, oldest first; every column has one row a reading.

    `stamps`: Unix seconds. `days`: ordinals of the local day. `known`: the person said what it showed, so the
    `probabilities` are certain. `faint`: hard to tell. Such a one says little but not nothing, and leaving it out
    would make mixed faces look rare; it counts in a mix and towards no floor.
    """

    stamps: Floats
    days: NDArray[np.int64]
    hours: NDArray[np.int64]
    probabilities: Floats
    quality: Floats
    known: NDArray[np.bool_]
    faint: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.stamps)

    def where(self, keep: NDArray[np.bool_]) -> Readings:
        columns = (getattr(self, name)[keep] for name in self.__slots__)
        return Readings(*columns)


@dataclass(frozen=True, slots=True)
class CheckIn:
    at: datetime
    day: date
    pleasantness: float
    energy: float


@dataclass(frozen=True, slots=True)
class Miss:
    """A capture that gave no clear reading, and why."""

    at: datetime
    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Observations:
    """All oldest first."""

    readings: Readings
    checkins: tuple[CheckIn, ...] = ()
    missed: tuple[Miss, ...] = ()

    def since(self, moment: datetime) -> Observations:
        return Observations(
            self.readings.where(self.readings.stamps >= moment.timestamp()),
            tuple(checkin for checkin in self.checkins if checkin.at >= moment),
            tuple(miss for miss in self.missed if miss.at >= moment),
        )


def observe(
    entries: Iterable[JournalLine],
    *,
    zone: tzinfo | None,
    since: datetime = _BEGINNING,
    until: datetime = _END,
) -> Observations:
    """Readings and check-ins with `since <= at <= until`, corrections applied, days and hours in `zone`."""
    seen, said, corrections = _split(entries, since, until)
    local = [line.at.astimezone(zone) for line in seen]
    rows = _rows([line.data.get("p") for line in seen])
    outcomes = [line.data.get("outcome") for line in seen]
    known = np.zeros(len(seen), dtype=bool)
    for index, line in enumerate(seen if corrections else ()):
        if str(line.id) in corrections:
            known[index] = True
            rows[index] = [name == corrections[str(line.id)] for name in EXPRESSIONS]
    usable = _are_distributions(rows)
    clear = known | (usable & np.array([outcome == READING for outcome in outcomes], dtype=bool))
    faint = ~clear & usable & np.array([outcome == LOW_CONFIDENCE for outcome in outcomes], dtype=bool)
    readings = Readings(
        stamps=np.array([line.at.timestamp() for line in seen], dtype=np.float64),
        days=np.array([at.toordinal() for at in local], dtype=np.int64),
        hours=np.array([at.hour for at in local], dtype=np.int64),
        probabilities=rows,
        quality=np.where(known, 1.0, _qualities(seen)),
        known=known,
        faint=faint,
    )
    return Observations(
        readings.where(clear | faint),
        tuple(_checkin(line, zone) for line in said if line.data.keys() >= _SAID),
        tuple(Miss(local[i], local[i].date(), str(outcomes[i])) for i in np.flatnonzero(~clear)),
    )


def _split(
    entries: Iterable[JournalLine], since: datetime, until: datetime
) -> tuple[list[JournalLine], list[JournalLine], dict[str, str]]:
    """Readings and check-ins oldest first, and the corrections."""
    kinds: dict[str, list[JournalLine]] = {"reading": [], "checkin": [], "correction": []}
    for line in entries:
        lines = kinds.get(line.kind)
        if lines is not None and since <= line.at <= until:
            lines.append(line)
    for kind in ("reading", "checkin"):
        kinds[kind].sort(key=lambda line: line.at)
    return kinds["reading"], kinds["checkin"], corrections_of(kinds["correction"])


def corrections_of(entries: Iterable[JournalLine]) -> dict[str, str]:
    """The latest correction of each entry: entry id -> expression."""
    latest = {}
    for line in sorted((line for line in entries if line.kind == "correction"), key=lambda line: line.at):
        if line.data.get("expression") in EXPRESSIONS:
            latest[str(line.data.get("of"))] = str(line.data["expression"])
    return latest


def _rows(values: Sequence[Any]) -> Floats:
    """Shape (n, 7); what is no list of seven numbers becomes a row that is no distribution."""
    shaped = [value if isinstance(value, _SEQUENCES) and len(value) == _SIZE else _NO_ROW for value in values]
    try:
        return np.fromiter(chain.from_iterable(shaped), np.float64, len(shaped) * _SIZE).reshape(-1, _SIZE)
    except (TypeError, ValueError):
        numeric = [row if all(isinstance(x, int | float) for x in row) else _NO_ROW for row in shaped]
        return np.array(numeric, dtype=np.float64).reshape(-1, _SIZE)


def hold_distributions(lines: Sequence[JournalLine]) -> NDArray[np.bool_]:
    """Which of these readings hold seven probabilities: one from a file may say "reading" and hold none."""
    return _are_distributions(_rows([line.data.get("p") for line in lines]))


def _are_distributions(rows: Floats) -> NDArray[np.bool_]:
    return np.asarray((rows.min(axis=1, initial=0.0) >= 0) & (np.abs(rows.sum(axis=1) - 1) < _OFF_ONE))


def _qualities(lines: Sequence[JournalLine]) -> Floats:
    given = np.array([float(line.data.get("quality", 1.0)) for line in lines], dtype=np.float64)
    return np.clip(given, _LEAST_QUALITY, 1.0)


def _checkin(line: JournalLine, zone: tzinfo | None) -> CheckIn:
    at = line.at.astimezone(zone)
    return CheckIn(at, at.date(), float(line.data["pleasantness"]), float(line.data["energy"]))
