"""What was suggested before, what came of it, and what the person told of themselves, read back from the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from recommender.mood.drop_detection import GENTLE_DAYS
from recommender.mood.observations import JournalLine
from recommender.mood.patterns import daypart_of

AnswerWord = Literal["did", "not_now", "never"]
ANSWERS: Final[tuple[AnswerWord, ...]] = get_args(AnswerWord)
Company = Literal["alone", "with", "either"]
COMPANIES: Final[tuple[Company, ...]] = get_args(Company)
_TOLD: Final = ("suggestion", "feedback")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person said of one suggestion. `helped`, `before` and `after` are -2..2, None when they did not say."""

    at: datetime
    answer: AnswerWord
    helped: int | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One suggestion that was shown, in one of the places on the page, with its latest answer.

    `chosen`: the person picked it themselves; nobody drew it, so it has no propensity.
    """

    id: str
    activity: str
    at: datetime
    slot: int
    reason: Mapping[str, Any] = field(default_factory=dict)
    propensity: float = 1.0
    answer: Answer | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """Every offer, oldest first; when each activity was last offered; which never to offer again; what was answered."""

    offers: tuple[Offer, ...] = ()
    last_offered: Mapping[str, datetime] = field(init=False)
    refused: frozenset[str] = field(init=False)
    rewards: Mapping[str, tuple[Answer, ...]] = field(init=False)

    def __post_init__(self) -> None:
        refused = {offer.activity for offer in self.offers if offer.answer and offer.answer.answer == "never"}
        object.__setattr__(self, "last_offered", {offer.activity: offer.at for offer in self.offers})
        object.__setattr__(self, "refused", frozenset(refused))
        answers: dict[str, list[Answer]] = {}
        for offer in self.offers:
            if offer.answer is not None:
                answers.setdefault(offer.activity, []).append(offer.answer)
        object.__setattr__(self, "rewards", {activity: tuple(given) for activity, given in answers.items()})

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
    gentle: bool = False

    @property
    def daypart(self) -> str:
        return daypart_of(self.now.hour)


@dataclass(frozen=True, slots=True)
class Taste:
    """What the person answered on their first visit: categories they like, the longest they want, alone or with others.

    `minutes` None: any length.
    """

    likes: frozenset[str] = frozenset()
    minutes: int | None = None
    company: Company = "either"


@dataclass(frozen=True, slots=True)
class LowDays:
    """The person's latest answer to whether their days were low."""

    at: datetime
    low: bool


def read_history(entries: Iterable[JournalLine]) -> History:
    """The latest answer to a suggestion counts; an answer to something deleted is left out."""
    lines = sorted((line for line in entries if line.kind in _TOLD), key=lambda line: line.at)
    answers = {str(line.data.get("suggestion")): line for line in lines if _is_answer(line)}
    offers = {str(line.id): line for line in lines if line.kind == "suggestion"}
    return History(tuple(_read_offer(line, answers.get(about)) for about, line in offers.items()))


def read_situation(entries: Iterable[JournalLine], *, now: datetime, gentle_days: int = GENTLE_DAYS) -> Situation:
    """The moment as the person last told it: place and time hold for the day, the rest until changed.

    Days they called low make the suggestions gentle for `gentle_days`.
    """
    entries = list(entries)
    answer = read_low_days(entries)
    gentle = answer is not None and answer.low and now - answer.at < timedelta(days=gentle_days)
    told = [line for line in entries if line.kind == "preferences"]
    latest = max(told, key=lambda line: line.at, default=None)
    if latest is None:
        return Situation(now=now, gentle=gentle)
    avoid = frozenset(latest.data.get("avoid") or ())
    if latest.data.get("kept") or latest.at.astimezone(now.tzinfo).date() != now.date():
        return Situation(now=now, avoid=avoid, gentle=gentle)
    return Situation(now, latest.data.get("place"), latest.data.get("minutes"), avoid, gentle)


def read_taste(entries: Iterable[JournalLine]) -> Taste | None:
    """The latest answers to the three questions; None while they were never answered."""
    told = [line for line in entries if line.kind == "taste"]
    if not told:
        return None
    data = max(told, key=lambda line: line.at).data
    company = data.get("company")
    return Taste(
        likes=frozenset(data.get("likes") or ()),
        minutes=data.get("minutes"),
        company=company if company in COMPANIES else "either",
    )


def read_low_days(entries: Iterable[JournalLine]) -> LowDays | None:
    told = [line for line in entries if line.kind == "low_days"]
    latest = max(told, key=lambda line: line.at, default=None)
    return None if latest is None else LowDays(latest.at, latest.data.get("low") is True)


def was_asked(entries: Iterable[JournalLine], *, now: datetime, gentle_days: int = GENTLE_DAYS) -> bool:
    """Whether the person answered about low days so lately that asking again would nag."""
    answer = read_low_days(entries)
    return answer is not None and now - answer.at < timedelta(days=gentle_days)


def shows_trends(entries: Iterable[JournalLine]) -> bool:
    """Unless the person hid them."""
    told = [line for line in entries if line.kind == "display"]
    return not told or max(told, key=lambda line: line.at).data.get("trends") is not False


def _is_answer(line: JournalLine) -> bool:
    return line.kind == "feedback" and line.data.get("answer") in ANSWERS


def _read_offer(line: JournalLine, answer: JournalLine | None) -> Offer:
    return Offer(
        id=str(line.id),
        activity=str(line.data["activity"]),
        at=line.at,
        slot=int(line.data.get("slot", 0)),
        reason=line.data.get("reason") or {},
        propensity=float(line.data.get("propensity") or 1.0),
        answer=_read_answer(answer) if answer else None,
        chosen=line.data.get("chosen") is True,
    )


def _read_answer(line: JournalLine) -> Answer:
    data = line.data
    return Answer(line.at, data["answer"], data.get("helped"), data.get("before"), data.get("after"))
