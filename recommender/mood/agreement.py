"""Whether the camera adds information for one person: its readings against their own answers and a constant guess.

Both are reduced to three answers: unpleasant, in between, pleasant. A check-in is paired with the reading closest in
time, a corrected reading with its correction. The camera must beat the constant guess of the person's commonest answer:
if they mostly say "in between", that guess is right most of the time and needs no picture. Pure functions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from typing import Final, Literal

from emotion.labels import EXPRESSIONS, READING
from recommender.mood.affect import PLEASANTNESS
from recommender.mood.observations import JournalLine, corrections_of, hold_distributions

Answer = Literal["unpleasant", "in between", "pleasant"]
Verdict = Literal["too_few", "adds", "adds_nothing"]

#: Pairs needed before the page says whether the camera adds anything.
ENOUGH: Final = 30
#: A check-in is compared with a reading at most this long before or after it.
CLOSE: Final = timedelta(minutes=30)
#: Only entries of this period count: faces, cameras and models change.
WINDOW: Final = timedelta(days=90)
#: On the scale -1..1; values closer to 0 are in between.
_BAND: Final = 0.2
#: 95 %, two-sided.
_Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `pairs`, the camera matched `agreed` and the constant answer `commonest` matched `guessed`."""

    pairs: int
    agreed: int
    guessed: int
    commonest: Answer | None
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.agreed / self.pairs if self.pairs else 0.0

    @property
    def guess_share(self) -> float:
        return self.guessed / self.pairs if self.pairs else 0.0

    @property
    def verdict(self) -> Verdict:
        """It adds something if even the lower bound of its agreement exceeds the guess."""
        if self.pairs < ENOUGH:
            return "too_few"
        return "adds" if self.low > self.guess_share else "adds_nothing"


def measure_agreement(entries: Iterable[JournalLine], *, now: datetime) -> Agreement:
    since = now - WINDOW
    lines = [line for line in entries if since <= line.at <= now]
    pairs = [*_pair_corrections(lines), *_pair_checkins(lines)]
    said = Counter(own for own, _ in pairs)
    commonest, guessed = said.most_common(1)[0] if said else (None, 0)
    agreed = sum(own == seen for own, seen in pairs)
    return Agreement(len(pairs), agreed, guessed, commonest, *wilson(agreed, len(pairs)))


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % Wilson (1927) interval of a share, doi:10.1080/01621459.1927.10502953; 0..1 for a count of 0."""
    if count == 0:
        return 0.0, 1.0
    share, weight = hits / count, _Z**2 / count
    middle = (share + weight / 2) / (1 + weight)
    margin = _Z * math.sqrt(share * (1 - share) / count + weight / (4 * count)) / (1 + weight)
    return max(0.0, middle - margin), min(1.0, middle + margin)


def _pair_corrections(lines: Sequence[JournalLine]) -> list[tuple[Answer, Answer]]:
    """Surprise is neither pleasant nor unpleasant by itself, so it is left out."""
    said = corrections_of(lines)
    return [
        (_answer_of(PLEASANTNESS[said[str(line.id)]]), _see(line))
        for line in _readings(lines)
        if said.get(str(line.id), "surprise") != "surprise"
    ]


def _pair_checkins(lines: Sequence[JournalLine]) -> list[tuple[Answer, Answer]]:
    """Each reading counts once, with the check-in closest to it; a corrected one is already counted."""
    corrected = corrections_of(lines)
    readings = {str(line.id): line for line in _readings(lines) if str(line.id) not in corrected}
    checkins = {str(line.id): line for line in lines if line.kind == "checkin" and "pleasantness" in line.data}
    distances = sorted(
        (abs(checkin.at - reading.at), checkin_id, reading_id)
        for checkin_id, checkin in checkins.items()
        for reading_id, reading in readings.items()
        if abs(checkin.at - reading.at) <= CLOSE
    )
    pairs = []
    for _, checkin_id, reading_id in distances:
        if checkin_id in checkins and reading_id in readings:
            own = float(checkins.pop(checkin_id).data["pleasantness"])
            pairs.append((_answer_of(own), _see(readings.pop(reading_id))))
    return pairs


def _readings(lines: Iterable[JournalLine]) -> list[JournalLine]:
    named = [line for line in lines if line.kind == "reading" and line.data.get("outcome") == READING]
    return list(compress(named, hold_distributions(named)))


def _see(reading: JournalLine) -> Answer:
    return _answer_of(sum(p * PLEASANTNESS[name] for p, name in zip(reading.data["p"], EXPRESSIONS, strict=True)))


def _answer_of(pleasantness: float) -> Answer:
    if pleasantness <= -_BAND:
        return "unpleasant"
    return "pleasant" if pleasantness >= _BAND else "in between"
