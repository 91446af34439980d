"""Whether the camera adds information for one person: its readings against their own answers and a constant guess.

Both are reduced to three answers: unpleasant, in between, pleasant. A check-in is paired with the reading closest in
time, a corrected reading with its correction. The camera must beat the constant guess of the person's commonest answer:
if they mostly say "in between", that guess is right most of the time and needs no picture. Pure functions.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from typing import Final, Literal
from uuid import UUID

from emotion.labels import EXPRESSIONS, READING
from recommender.mood.affect import PLEASANTNESS
from recommender.mood.observations import hold_distributions
from vault.journal.contents import Journal, JournalEntry
from vault.journal.kinds import CheckIn, Reading

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


def measure_agreement(journal: Journal, *, now: datetime) -> Agreement:
    since = now - WINDOW
    named = [e for e in journal.of(Reading) if since <= e.at <= now and e.data.outcome == READING]
    readings = list(compress(named, hold_distributions(named)))
    checkins = [entry for entry in journal.of(CheckIn) if since <= entry.at <= now]
    uncorrected = [entry for entry in readings if entry.id not in journal.corrections]
    pairs = [*_pair_corrections(readings, journal.corrections), *_pair_checkins(uncorrected, checkins)]
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


def _pair_corrections(
    readings: Iterable[JournalEntry[Reading]], corrections: Mapping[UUID, str]
) -> list[tuple[Answer, Answer]]:
    """Surprise is neither pleasant nor unpleasant by itself, so it is left out."""
    return [
        (_answer_of(PLEASANTNESS[corrections[entry.id]]), _see(entry.data))
        for entry in readings
        if corrections.get(entry.id, "surprise") != "surprise"
    ]


def _pair_checkins(
    readings: Sequence[JournalEntry[Reading]], checkins: Sequence[JournalEntry[CheckIn]]
) -> list[tuple[Answer, Answer]]:
    """Each reading counts once, with the check-in closest to it; a corrected one is already counted."""
    seen, said = {entry.id: entry.data for entry in readings}, {entry.id: entry.data for entry in checkins}
    distances = sorted(
        (abs(checkin.at - reading.at), checkin.id, reading.id)
        for checkin in checkins
        for reading in readings
        if abs(checkin.at - reading.at) <= CLOSE
    )
    pairs = []
    for _, checkin_id, reading_id in distances:
        if checkin_id in said and reading_id in seen:
            pairs.append((_answer_of(said.pop(checkin_id).pleasantness), _see(seen.pop(reading_id))))
    return pairs


def _see(reading: Reading) -> Answer:
    return _answer_of(sum(p * PLEASANTNESS[name] for p, name in zip(reading.p or (), EXPRESSIONS, strict=True)))


def _answer_of(pleasantness: float) -> Answer:
    if pleasantness <= -_BAND:
        return "unpleasant"
    return "pleasant" if pleasantness >= _BAND else "in between"
