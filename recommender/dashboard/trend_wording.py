"""Sentences about days and weeks: what was said or seen, beside the person's own usual. Never what they are."""

from __future__ import annotations

from calendar import day_name
from typing import Final

from recommender.dashboard.wording import count_of, pleasantness_word
from recommender.mood.daily_values import DayValue
from recommender.mood.effects import Effect
from recommender.mood.patterns import Pattern
from recommender.mood.trend import Trend

#: Five levels of a day from unpleasant to pleasant, each with a letter, so that colour is never needed.
LEVELS: Final = (
    ("U", "unpleasant"),
    ("u", "a little unpleasant"),
    ("n", "neither pleasant nor unpleasant"),
    ("p", "a little pleasant"),
    ("P", "pleasant"),
)
_EDGES: Final = (-0.4, -0.1, 0.1, 0.4)
_DAYPARTS: Final = {"morning": "Mornings", "midday": "Middays", "afternoon": "Afternoons", "evening": "Evenings"}
_SWINGS: Final = ((0.15, "little"), (0.35, "somewhat"), (9.0, "a lot"))


def level_of(value: float) -> int:
    """0 (unpleasant) to 4 (pleasant), with the edges of `wording.pleasantness_word`."""
    return sum(value >= edge for edge in _EDGES)


def tell_day(day: DayValue) -> str:
    what = "check-in" if day.source == "said" else "reading"
    return f"{pleasantness_word(day.value)}, from {count_of(day.count, what)}"


def tell_trend(trend: Trend) -> list[str]:
    """One sentence each; the first says how the last week compares, or what is missing for that."""
    source = trend.days[-1].source if trend.days else "seen"
    sentences = [_tell_change(trend)]
    sentences += [_tell_pattern(pattern, source) for pattern in trend.patterns]
    if trend.day_to_day_change is not None:
        how = next(word for limit, word in _SWINGS if trend.day_to_day_change < limit)
        sentences.append(f"From one day to the next, {_subject(source)} changed {how}.")
    return sentences


def tell_effect(effect: Effect, title: str) -> str:
    """ "After a walk you rated +0.6, 11 times, between +0.1 and +1.1." """
    value, low, high = (f"{number:+.1f}" for number in (effect.change.value, effect.change.low, effect.change.high))
    return f"After {title} you rated {value}, {effect.count} times; it could as well be between {low} and {high}."


def _tell_change(trend: Trend) -> str:
    if trend.usual is None:
        needed = trend.rules.usual_days
        return f"Your usual is not known yet: it takes {needed} observed days, and there are {len(trend.days)} so far."
    source = trend.days[-1].source
    if trend.change is None:
        return "The last seven days hold too little to compare with your usual."
    if trend.change.low <= 0 <= trend.change.high:
        return f"In the last seven days {_subject(source)} was within your usual."
    more = "more pleasant" if trend.change.value > 0 else "less pleasant"
    return f"In the last seven days {_subject(source)} was {more} than your usual."


def _tell_pattern(pattern: Pattern, source: str) -> str:
    when = f"{day_name[int(pattern.name)]}s" if pattern.kind == "weekday" else _DAYPARTS[pattern.name]
    more = "more" if pattern.difference.value > 0 else "less"
    what = "were rated" if source == "said" or pattern.kind == "daypart" else "looked"
    return f"{when} {what} {more} pleasant than other times, {pattern.count} of them so far."


def _subject(source: str) -> str:
    return "what you said" if source == "said" else "how your face looked"
