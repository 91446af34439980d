"""Offering activities and noting what came of them. Both are sealed entries of the person's own journal."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.selectors import get_local_now
from core.exceptions import NotFound, WellbeingError
from recommender.catalogue.models import Activity
from recommender.dashboard.selectors import get_live_activities
from recommender.mood.summary import Mood, window_start
from recommender.ranking.history import Answer, History, Offer, Situation, read_history
from recommender.ranking.suggest import SLOTS, Suggestion, suggest, violated_constraint
from recommender.wording.reasons import put_into_words
from vault.journal import kinds
from vault.journal.entries import OpenedVault, append_entry, append_once
from vault.journal.reading import read_journal

#: After this many in one day nothing new is offered until tomorrow.
OFFERS_A_DAY: Final = 12
#: For what came from a file with a reason that no sentence fits.
UNEXPLAINED: Final = _("Why this was suggested is not known any more.")
#: How long a suggestion may still be answered.
ANSWER_DAYS: Final = 31


class AnswerInvalid(WellbeingError):
    code, status = "invalid_answer", 400
    detail = _("Answer with did, not_now or never; say how it helped only after did.")


@dataclass(frozen=True, slots=True)
class OfferedActivity:
    """A suggestion on the page: the activity, and the entry that notes it was offered."""

    id: UUID
    activity: Activity
    reason: Mapping[str, Any]
    at: datetime

    @property
    def explanation(self) -> str:
        return put_into_words(self.reason, effect_note=self.activity.effect_note) or str(UNEXPLAINED)


def offer_suggestions(
    *,
    user: User,
    opened: OpenedVault,
    history: History,
    taste: kinds.Taste | None,
    mood: Mood,
    situation: Situation,
    rng: np.random.Generator | None = None,
) -> tuple[OfferedActivity, ...]:
    """Today's open suggestions, filled up to SLOTS; asking again offers the same ones.

    `history` is of the whole journal: "never" holds however long ago it was said. New offers are appended to it.
    """
    activities = {activity.slug: activity for activity in get_live_activities(situation.now.date())}
    shown = _find_open(history, activities, situation)
    slots = [slot for slot in range(SLOTS) if slot not in shown]
    room = OFFERS_A_DAY - sum(not offer.chosen for offer in history.of_today(situation.now))
    chosen = suggest(
        [activity.to_candidate() for activity in activities.values()],
        mood=mood,
        situation=situation,
        history=history,
        taste=taste,
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
        shown = _find_open(read_history(read_journal(opened, since=since)), activities, situation)
    return tuple(_present(shown[slot], activities) for slot in sorted(shown))


def choose_activity(*, user: User, opened: OpenedVault, slug: str) -> UUID:
    """Note that the person picked this activity themselves; it joins today's suggestions until answered.

    Picking it twice while it is open is noted once. Raises NotFound unless it is in the catalogue and may be offered.
    """
    now = get_local_now(user)
    activity = next(
        (a for a in get_live_activities(now.date()) if a.slug == slug and a.safety == Activity.Safety.NORMAL), None
    )
    if activity is None:
        raise NotFound
    today = read_history(read_journal(opened, since=window_start(now, 1))).of_today(now)
    standing = next((offer for offer in today if offer.activity == slug and offer.answer is None), None)
    if standing is not None:
        return standing.id
    slot = max([SLOTS - 1, *(offer.slot for offer in today)]) + 1
    reason = {"rule": "chosen", "grade": activity.evidence_grade}
    entry = kinds.Suggestion(activity=slug, slot=slot, reason=reason, propensity=None, chosen=True)
    entry_id = _make_id(opened, "chosen", now.date(), slug, slot)
    append_once(vault=user.vault, entry=entry, at=now, entry_id=entry_id)
    return entry_id


def answer_suggestion(
    *,
    user: User,
    opened: OpenedVault,
    suggestion_id: UUID,
    answer: str,
    helped: int | None = None,
    before: int | None = None,
    after: int | None = None,
) -> None:
    """Note one answer; the same answer twice is noted once. Raises NotFound, AnswerInvalid.

    `before` and `after` say how the person felt, `helped` how much of it they put down to the activity; all -2..2.
    """
    ratings = {"helped": helped, "before": before, "after": after}
    checked = _check_answer(answer, *ratings.values())
    now = get_local_now(user)
    journal = read_journal(opened, since=now - timedelta(days=ANSWER_DAYS))
    offer = next((offer for offer in read_history(journal).offers if offer.id == suggestion_id), None)
    if offer is None:
        raise NotFound
    if offer.answer is not None and offer.answer == Answer(offer.answer.at, checked, **ratings):
        return
    said = sum(entry.data.suggestion == offer.id for entry in journal.of(kinds.Feedback))
    entry = kinds.Feedback(suggestion=offer.id, activity=offer.activity, answer=checked, **ratings)
    entry_id = _make_id(opened, entry.kind, offer.id, checked, *ratings.values(), said)
    append_once(vault=user.vault, entry=entry, at=now, entry_id=entry_id)


def _find_open(history: History, activities: Mapping[str, Activity], situation: Situation) -> dict[int, Offer]:
    """The latest offer of each slot today, if it is unanswered and still fits."""
    latest = {offer.slot: offer for offer in history.of_today(situation.now)}
    return {
        slot: offer
        for slot, offer in latest.items()
        if offer.answer is None and _still_fits(offer, activities, situation, history)
    }


def _still_fits(offer: Offer, activities: Mapping[str, Activity], situation: Situation, history: History) -> bool:
    """What was picked by hand stays whatever the moment, while it is in the catalogue."""
    if offer.activity not in activities:
        return False
    candidate = activities[offer.activity].to_candidate()
    return offer.chosen or violated_constraint(candidate, situation=situation, history=history) is None


@transaction.atomic
def _append_offers(
    user: User, opened: OpenedVault, history: History, fresh: Mapping[int, Suggestion], now: datetime
) -> dict[int, Offer]:
    """All or none. Raises IntegrityError when the same slots were filled at the same time."""
    known = {offer.id for offer in history.offers}
    offers = {}
    for slot, suggestion in fresh.items():
        entry = kinds.Suggestion(
            activity=suggestion.slug, slot=slot, reason=dict(suggestion.reason), propensity=suggestion.propensity
        )
        ids = (_make_id(opened, entry.kind, now.date(), slot, turn) for turn in count())
        entry_id = next(candidate for candidate in ids if candidate not in known)
        append_entry(vault=user.vault, entry=entry, at=now, entry_id=entry_id)
        offers[slot] = Offer(entry_id, suggestion.slug, now, slot, suggestion.reason, suggestion.propensity)
    return offers


def _present(offer: Offer, activities: Mapping[str, Activity]) -> OfferedActivity:
    return OfferedActivity(offer.id, activities[offer.activity], offer.reason, offer.at)


def _check_answer(answer: str, *ratings: int | None) -> kinds.AnswerWord:
    given = [rating for rating in ratings if rating is not None]
    for word in kinds.ANSWERS:
        if answer == word and (not given or (word == "did" and all(rating in range(-2, 3) for rating in given))):
            return word
    raise AnswerInvalid


def _make_id(opened: OpenedVault, *parts: object) -> UUID:
    """The same id for the same parts, so that doing a thing twice collides; without the key it looks like any other."""
    text = "|".join(str(part) for part in parts).encode()
    digest = hashlib.blake2b(text, key=opened.private, digest_size=16, person=b"wb-entry-id").digest()
    return UUID(bytes=digest, version=4)
