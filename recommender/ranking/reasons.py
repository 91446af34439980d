"""Why an activity is suggested, as data for a journal entry; `recommender.wording` makes sentences of it."""

from typing import Any, Final

from recommender.mood.summary import Mood
from recommender.ranking.history import History, Situation
from recommender.ranking.reward_model import Candidate, find_needs, fit_to, is_gentle, scale_needs
from vault.journal.kinds import Taste

#: A smaller share of an expression is not named as a reason.
NOTABLE_SHARE: Final = 0.1
#: An activity with a lower fit to the check-ins was not suggested because of them.
NOTABLE_FIT: Final = 0.5


def give_reason(
    candidate: Candidate, *, mood: Mood, history: History, situation: Situation, taste: Taste | None = None
) -> dict[str, Any]:
    """Window, evidence grade, the rule that applies, and the person's own ratings of the activity."""
    return {
        "days": mood.rules.window_days,
        "grade": candidate.grade,
        **_give_rule(candidate, mood, situation),
        **_give_experience(candidate, history),
        **({"liked": candidate.category} if taste is not None and candidate.category in taste.likes else {}),
    }


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
