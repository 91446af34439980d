"""What was suggested before and what came of it, read back from the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, get_args

from recommender.mood import JournalLine

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


def _read_offer(line: JournalLine) -> Offer:
    return Offer(
        id=str(line.id),
        activity=str(line.data["activity"]),
        at=line.at,
        slot=int(line.data.get("slot", 0)),
        reason=line.data.get("reason") or {},
        propensity=float(line.data.get("propensity", 1.0)),
    )
