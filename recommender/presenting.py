"""A mood as the page draws it: numbers of the drawing, words beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from recommender.mood import Mood, Share
from recommender.wording import NAMES, OUTCOMES, tell_affect, tell_coverage, tell_mood

#: Longer windows are told in a sentence, not drawn day by day.
DAYS_DRAWN: Final = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """One expression's bar on a scale of 0 to 100; texts, so that no locale puts a comma into them."""

    expression: str
    name: str
    percent: int
    low_percent: int
    high_percent: int
    width: str
    low: str
    range: str


def present_mood(mood: Mood) -> dict[str, Any]:
    """Names for the template. Bars come largest first."""
    shares = sorted(mood.mix or (), key=lambda share: share.value, reverse=True)
    affects = [affect for affect in (mood.said, mood.seen) if affect is not None]
    reasons = sorted(mood.coverage.reasons.items(), key=lambda item: -item[1])
    return {
        "mood_text": tell_mood(mood),
        "mix_by_size": [_draw(share) for share in shares],
        "affect_texts": [tell_affect(affect) for affect in affects],
        "coverage_text": tell_coverage(mood),
        "days": mood.coverage.days if len(mood.coverage.days) <= DAYS_DRAWN else (),
        "reasons": [(OUTCOMES.get(reason, "no answer"), count) for reason, count in reasons],
    }


def _draw(share: Share) -> Bar:
    return Bar(
        expression=share.expression,
        name=NAMES[share.expression],
        percent=share.percent,
        low_percent=round(share.low * 100),
        high_percent=round(share.high * 100),
        width=f"{share.value * 100:.1f}",
        low=f"{share.low * 100:.1f}",
        range=f"{(share.high - share.low) * 100:.1f}",
    )
