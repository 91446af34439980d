"""What the journal holds about a mood: what the camera saw and what the person said, in columns.

Columns, because a year holds thousands of readings and the page waits for their sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion.labels import EXPRESSIONS, LOW_CONFIDENCE, READING
from recommender.mood.prevalence import Floats
from vault.journal import kinds
from vault.journal.contents import Journal, JournalEntry

_SIZE: Final = len(EXPRESSIONS)
_LEAST_QUALITY: Final = 0.05
_OFF_ONE: Final = 0.02
_NO_ROW: Final = (-1.0,) * _SIZE
_END: Final = datetime.max.replace(tzinfo=UTC)


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

    def where(self, keep: NDArray[np.bool_]) -> "Readings":
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

    def since(self, moment: datetime) -> "Observations":
        return Observations(
            self.readings.where(self.readings.stamps >= moment.timestamp()),
            tuple(checkin for checkin in self.checkins if checkin.at >= moment),
            tuple(miss for miss in self.missed if miss.at >= moment),
        )


def observe(journal: Journal, *, zone: tzinfo | None, until: datetime = _END) -> Observations:
    """Readings and check-ins up to `until`, corrections applied, days and hours in `zone`."""
    seen = [entry for entry in journal.of(kinds.Reading) if entry.at <= until]
    local = [entry.at.astimezone(zone) for entry in seen]
    rows = _rows([entry.data.p for entry in seen])
    outcomes = [entry.data.outcome for entry in seen]
    known = np.zeros(len(seen), dtype=bool)
    for index, entry in enumerate(seen if journal.corrections else ()):
        if entry.id in journal.corrections:
            known[index] = True
            rows[index] = [name == journal.corrections[entry.id] for name in EXPRESSIONS]
    usable = _are_distributions(rows)
    clear = known | (usable & np.array([outcome == READING for outcome in outcomes], dtype=bool))
    faint = ~clear & usable & np.array([outcome == LOW_CONFIDENCE for outcome in outcomes], dtype=bool)
    quality = np.array([entry.data.quality for entry in seen], dtype=np.float64)
    readings = Readings(
        stamps=np.array([entry.at.timestamp() for entry in seen], dtype=np.float64),
        days=np.array([at.toordinal() for at in local], dtype=np.int64),
        hours=np.array([at.hour for at in local], dtype=np.int64),
        probabilities=rows,
        quality=np.where(known, 1.0, np.clip(quality, _LEAST_QUALITY, 1.0)),
        known=known,
        faint=faint,
    )
    return Observations(
        readings.where(clear | faint),
        tuple(_observe_checkin(entry, zone) for entry in journal.of(kinds.CheckIn) if entry.at <= until),
        tuple(Miss(local[i], local[i].date(), outcomes[i]) for i in np.flatnonzero(~clear)),
    )


def hold_distributions(readings: Sequence[JournalEntry[kinds.Reading]]) -> NDArray[np.bool_]:
    """Which of these hold probabilities that sum to 1: what a file brought need not."""
    return _are_distributions(_rows([entry.data.p for entry in readings]))


def _rows(values: Sequence[Sequence[float] | None]) -> Floats:
    """Shape (n, 7); what is missing becomes a row that is no distribution."""
    shaped = chain.from_iterable(value or _NO_ROW for value in values)
    return np.fromiter(shaped, np.float64, len(values) * _SIZE).reshape(-1, _SIZE)


def _are_distributions(rows: Floats) -> NDArray[np.bool_]:
    return np.asarray((rows.min(axis=1, initial=0.0) >= 0) & (np.abs(rows.sum(axis=1) - 1) < _OFF_ONE))


def _observe_checkin(entry: JournalEntry[kinds.CheckIn], zone: tzinfo | None) -> CheckIn:
    at = entry.at.astimezone(zone)
    return CheckIn(at, at.date(), entry.data.pleasantness, entry.data.energy)
