"""What was suggested before, what came of it, and what the person told of themselves, read back from the journal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from recommender.mood.drop_detection import GENTLE_DAYS
from recommender.mood.patterns import daypart_of
from vault.journal.contents import Journal, JournalEntry
from vault.journal.kinds import AnswerWord, Display, Feedback, LowDays, Preferences, Suggestion


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

    id: UUID
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


def read_history(journal: Journal) -> History:
    """The latest answer to a suggestion counts; an answer to something deleted is left out."""
    answers = {entry.data.suggestion: entry for entry in journal.of(Feedback)}
    return History(tuple(_read_offer(entry, answers.get(entry.id)) for entry in journal.of(Suggestion)))


def read_situation(journal: Journal, *, now: datetime, gentle_days: int = GENTLE_DAYS) -> Situation:
    """The moment as the person last told it: place and time hold for the day, the rest until changed.

    Days they called low make the suggestions gentle for `gentle_days`.
    """
    answer = find_low_days(journal, now=now, gentle_days=gentle_days)
    gentle = answer is not None and answer.low
    latest = journal.latest(Preferences)
    if latest is None:
        return Situation(now=now, gentle=gentle)
    told, avoid = latest.data, frozenset(latest.data.avoid)
    if told.kept or latest.at.astimezone(now.tzinfo).date() != now.date():
        return Situation(now=now, avoid=avoid, gentle=gentle)
    return Situation(now, told.place, told.minutes, avoid, gentle)


def find_low_days(journal: Journal, *, now: datetime, gentle_days: int = GENTLE_DAYS) -> LowDays | None:
    """The person's answer about low days, while it holds: until then asking again would nag."""
    latest = journal.latest(LowDays)
    return latest.data if latest is not None and now - latest.at < timedelta(days=gentle_days) else None


def shows_trends(journal: Journal) -> bool:
    """Unless the person hid them."""
    latest = journal.latest(Display)
    return latest is None or latest.data.trends


def _read_offer(offer: JournalEntry[Suggestion], answer: JournalEntry[Feedback] | None) -> Offer:
    return Offer(
        id=offer.id,
        activity=offer.data.activity,
        at=offer.at,
        slot=offer.data.slot,
        reason=offer.data.reason,
        propensity=offer.data.propensity or 1.0,
        answer=_read_answer(answer) if answer else None,
        chosen=offer.data.chosen,
    )


def _read_answer(answer: JournalEntry[Feedback]) -> Answer:
    data = answer.data
    return Answer(answer.at, data.answer, data.helped, data.before, data.after)
