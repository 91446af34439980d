"""Offering activities and noting what came of them. Both are sealed entries of the person's own journal."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final, get_args
from uuid import UUID

import numpy as np
from django.db import IntegrityError, transaction

from emotion.journal import JournalEntry, OpenedVault, append_entry, read_journal
from recommender.history import Answer, AnswerWord, History, Offer, Situation, read_history
from recommender.models import Activity
from recommender.mood import Mood, window_start
from recommender.ranking import Suggestion, find_misfit, suggest
from recommender.selectors import get_live_activities, get_local_now
from recommender.wording import explain
from wellbeing.exceptions import NotFound, WellbeingError
from wellbeing.models import User

SLOTS: Final = 3
#: After this many in one day nothing new is offered until tomorrow.
OFFERS_A_DAY: Final = 12
#: How long a suggestion may still be answered.
ANSWER_DAYS: Final = 31


class AnswerInvalid(WellbeingError):
    code, status, detail = "invalid_answer", 400, "Answer with did, not_now or never; say how it helped only after did."


@dataclass(frozen=True, slots=True)
class OfferedActivity:
    """A suggestion on the page: the activity, and the entry that notes it was offered."""

    id: UUID
    activity: Activity
    reason: Mapping[str, Any]
    at: datetime

    @property
    def explanation(self) -> str:
        return explain(self.reason, effect_note=self.activity.effect_note)


def offer_suggestions(
    *,
    user: User,
    opened: OpenedVault,
    entries: Sequence[JournalEntry],
    mood: Mood,
    situation: Situation,
    rng: np.random.Generator | None = None,
) -> tuple[OfferedActivity, ...]:
    """Today's open suggestions, filled up to SLOTS; asking again offers the same ones.

    `entries` is the whole journal: "never" holds however long ago it was said. New offers are appended to it.
    """
    activities = {activity.slug: activity for activity in get_live_activities(situation.now.date())}
    history = read_history(entries)
    shown = _find_open(history, activities, situation)
    slots = [slot for slot in range(SLOTS) if slot not in shown]
    room = OFFERS_A_DAY - len(history.of_today(situation.now))
    chosen = suggest(
        [activity.to_option() for activity in activities.values()],
        mood=mood,
        situation=situation,
        history=history,
        rng=rng or np.random.default_rng(),
        count=max(0, min(len(slots), room)),
        shown=[offer.activity for offer in shown.values()],
    )
    fresh = dict(zip(slots, chosen, strict=False))
    try:
        shown |= _append_offers(user, opened, history, fresh, situation.now)
    except IntegrityError:
        # Another page of the same person was quicker: show what that one offered.
        since = window_start(situation.now, 1)
        shown = _find_open(read_history(read_journal(opened, since=since).entries), activities, situation)
    return tuple(_present(shown[slot], activities) for slot in sorted(shown))


def answer_suggestion(
    *, user: User, opened: OpenedVault, suggestion_id: UUID, answer: str, helped: int | None = None
) -> None:
    """Note one answer; the same answer twice is noted once. Raises NotFound, AnswerInvalid."""
    checked = _check_answer(answer, helped)
    now = get_local_now(user)
    entries = read_journal(opened, since=now - timedelta(days=ANSWER_DAYS)).entries
    offer = next((offer for offer in read_history(entries).offers if offer.id == str(suggestion_id)), None)
    if offer is None:
        raise NotFound
    if _says_the_same(offer.answer, checked, helped):
        return
    said = sum(entry.kind == "feedback" and entry.data.get("suggestion") == offer.id for entry in entries)
    data = {"suggestion": offer.id, "activity": offer.activity, "answer": checked, "helped": helped}
    entry_id = _make_id(opened, "feedback", offer.id, checked, helped, said)
    try:
        with transaction.atomic():
            append_entry(vault=user.vault, kind="feedback", data=data, at=now, entry_id=entry_id)
    except IntegrityError:
        # A double click: the first one is noted.
        return


def _find_open(history: History, activities: Mapping[str, Activity], situation: Situation) -> dict[int, Offer]:
    """The latest offer of each slot today, if it is unanswered and still fits."""
    latest = {offer.slot: offer for offer in history.of_today(situation.now)}
    return {
        slot: offer
        for slot, offer in latest.items()
        if offer.answer is None
        and offer.activity in activities
        and find_misfit(activities[offer.activity].to_option(), situation=situation, history=history) is None
    }


@transaction.atomic
def _append_offers(
    user: User, opened: OpenedVault, history: History, fresh: Mapping[int, Suggestion], now: datetime
) -> dict[int, Offer]:
    """All or none. Raises IntegrityError when the same slots were filled at the same time."""
    known = {offer.id for offer in history.offers}
    offers = {}
    for slot, suggestion in fresh.items():
        ids = (_make_id(opened, "suggestion", now.date(), slot, turn) for turn in count())
        entry_id = next(candidate for candidate in ids if str(candidate) not in known)
        data = {
            "activity": suggestion.slug,
            "slot": slot,
            "reason": dict(suggestion.reason),
            "propensity": suggestion.propensity,
        }
        append_entry(vault=user.vault, kind="suggestion", data=data, at=now, entry_id=entry_id)
        offers[slot] = Offer(str(entry_id), suggestion.slug, now, slot, suggestion.reason, suggestion.propensity)
    return offers


def _present(offer: Offer, activities: Mapping[str, Activity]) -> OfferedActivity:
    return OfferedActivity(UUID(offer.id), activities[offer.activity], offer.reason, offer.at)


def _check_answer(answer: str, helped: int | None) -> AnswerWord:
    for word in get_args(AnswerWord):
        if answer == word and (helped is None or (word == "did" and helped in range(-2, 3))):
            return word  # type: ignore[no-any-return]
    raise AnswerInvalid


def _says_the_same(before: Answer | None, answer: AnswerWord, helped: int | None) -> bool:
    return before is not None and (before.answer, before.helped) == (answer, helped)


def _make_id(opened: OpenedVault, *parts: object) -> UUID:
    """The same id for the same parts, so that doing a thing twice collides; without the key it looks like any other."""
    text = "|".join(str(part) for part in parts).encode()
    digest = hashlib.blake2b(text, key=opened.private, digest_size=16, person=b"wb-entry-id").digest()
    return UUID(bytes=digest, version=4)
