"""Why an activity is suggested, as data small enough for one journal entry; `recommender.dashboard.wording` makes sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from recommender.dashboard.wording import explain
from recommender.mood.summary import Mood
from recommender.ranking.history import History, Situation
from recommender.ranking.reward_model import Candidate, find_needs, fit_to, is_gentle, scale_needs
from vault.journal.kinds import Taste

#: An expression seen less than this is no reason to name.
NOTABLE_SHARE: Final = 0.1
#: An activity that fits what was said less than this was not suggested because of it.
NOTABLE_FIT: Final = 0.5


def give_reason(
    candidate: Candidate, *, mood: Mood, history: History, situation: Situation, taste: Taste | None = None
) -> dict[str, Any]:
    """The window, what was said or seen in it, what the person found before, and the evidence."""
    return {
        "days": mood.rules.window_days,
        "grade": candidate.grade,
        **_give_rule(candidate, mood, situation),
        **_give_experience(candidate, history),
        **({"liked": candidate.category} if taste is not None and candidate.category in taste.likes else {}),
    }


def put_into_words(reason: Mapping[str, Any], *, effect_note: str = "") -> str | None:
    """What `recommender.dashboard.wording.explain` makes of it; None where it has no sentence: a file may hold any reason."""
    try:
        return explain(reason, effect_note=effect_note)
    except (LookupError, TypeError, ValueError, StopIteration):
        return None


def _give_rule(candidate: Candidate, mood: Mood, situation: Situation) -> dict[str, Any]:
    if situation.gentle and is_gentle(candidate):
        return {"rule": "gentle"}
    if mood.said is not None:
        if fit_to(candidate, scale_needs(find_needs(mood))) < NOTABLE_FIT:
            return {"rule": "variety"}
        said = {"pleasantness": mood.said.pleasantness.value, "energy": mood.said.energy.value}
        return {"rule": "said", **{name: round(value, 2) for name, value in said.items()}}
    if mood.mix is None and fit_to(candidate, None):
        return {"rule": "few", "readings": mood.coverage.readings}
    if mood.leading in candidate.targets:
        return {"rule": "leading", "expression": mood.leading, "percent": round(mood.share(mood.leading) * 100)}
    target = max(sorted(candidate.targets), key=mood.share, default="neutral")
    if mood.share(target) < NOTABLE_SHARE:
        return {"rule": "variety"}
    return {"rule": "seen", "expression": target, "percent": round(mood.share(target) * 100)}


def _give_experience(candidate: Candidate, history: History) -> dict[str, Any]:
    helped = [answer.helped for answer in history.rewards.get(candidate.slug, ()) if answer.helped is not None]
    if not helped:
        return {}
    return {"tried": len(helped), "helped": round(sum(helped) / len(helped), 1)}
