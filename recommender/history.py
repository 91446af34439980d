"""What was suggested before, what came of it, and what the person told of the moment, read back from the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, get_args

from recommender.observations import JournalLine
from recommender.wording import CHECKIN_WORDS

AnswerWord = Literal["did", "not_now", "never"]
ANSWERS: Final[tuple[AnswerWord, ...]] = get_args(AnswerWord)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person said of one suggestion; `helped` is -2..2, None when they did not say."""

    at: datetime
    answer: AnswerWord
    helped: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One suggestion that was shown, in one of the places on the page, with its latest answer."""

    id: str
    activity: str
    at: datetime
    slot: int
    reason: Mapping[str, Any] = field(default_factory=dict)
    propensity: float = 1.0
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Every offer, oldest first; when each activity was last offered; which ones never to offer again."""

    offers: tuple[Offer, ...] = ()
    last_offered: Mapping[str, datetime] = field(init=False)
    refused: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        refused = {offer.activity for offer in self.offers if offer.answer and offer.answer.answer == "never"}
        object.__setattr__(self, "last_offered", {offer.activity: offer.at for offer in self.offers})
        object.__setattr__(self, "refused", frozenset(refused))

    def of_today(self, now: datetime) -> tuple[Offer, ...]:
        """The offers of this calendar day in the time zone of `now`."""
        return tuple(offer for offer in self.offers if offer.at.astimezone(now.tzinfo).date() == now.date())


@dataclass(frozen=True, slots=True)
class Situation:
    """The moment, in the person's time zone, and what they told about it: None and empty mean nothing told."""

    now: datetime
    place: str | None = None
    minutes: int | None = None
    avoid: frozenset[str] = frozenset()

    @property
    def daypart(self) -> str:
        hours = ((11, "morning"), (14, "midday"), (18, "afternoon"))
        return next((name for end, name in hours if self.now.hour < end), "evening")


def read_history(entries: Iterable[JournalLine]) -> History:
    """The latest answer to a suggestion counts; an answer to something deleted is left out."""
    lines = sorted(entries, key=lambda line: line.at)
    offers = {str(line.id): _read_offer(line) for line in lines if line.kind == "suggestion"}
    for line in lines:
        about = str(line.data.get("suggestion"))
        if line.kind == "feedback" and about in offers and line.data.get("answer") in ANSWERS:
            answer = Answer(line.at, line.data["answer"], line.data.get("helped"))
            offers[about] = replace(offers[about], answer=answer)
    return History(tuple(offers.values()))


def find_own_words(entries: Iterable[JournalLine], *, count: int = 8) -> tuple[str, ...]:
    """Words of the person's own from their check-ins, the ones used most often first."""
    checkins = [line for line in entries if line.kind == "checkin"]
    used = Counter(word for line in checkins for word in line.data.get("words") or () if word not in CHECKIN_WORDS)
    return tuple(word for word, _ in used.most_common(count))


def read_situation(entries: Iterable[JournalLine], *, now: datetime) -> Situation:
    """The moment as the person last told it: place and time hold for the day, the rest until changed."""
    told = [line for line in entries if line.kind == "preferences"]
    latest = max(told, key=lambda line: line.at, default=None)
    if latest is None:
        return Situation(now=now)
    avoid = frozenset(latest.data.get("avoid") or ())
    if latest.at.astimezone(now.tzinfo).date() != now.date():
        return Situation(now=now, avoid=avoid)
    return Situation(now=now, place=latest.data.get("place"), minutes=latest.data.get("minutes"), avoid=avoid)


def _read_offer(line: JournalLine) -> Offer:
    return Offer(
        id=str(line.id),
        activity=str(line.data["activity"]),
        at=line.at,
        slot=int(line.data.get("slot", 0)),
        reason=line.data.get("reason") or {},
        propensity=float(line.data.get("propensity", 1.0)),
    )
