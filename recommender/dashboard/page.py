"""A mood as the page draws it: numbers of the drawing, words beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst

from recommender.choices import LEVELS
from recommender.dashboard.charts import draw_days, draw_year
from recommender.mood.daily_values import DayValue
from recommender.mood.summary import Mood, Share
from recommender.mood.trend import Trend
from recommender.ranking.effects import Effect
from recommender.wording.moods import tell_affects, tell_counts, tell_coverage, tell_look, tell_mood, tell_outcome
from recommender.wording.trends import tell_day, tell_effect, tell_trend

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


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many check-ins and readings one day holds, and the same in words."""

    date: date
    count: int
    told: str


def present_mood(mood: Mood) -> dict[str, Any]:
    """Names for the template, which knows whether readings can come. Bars come largest first."""
    shares = sorted(mood.mix or (), key=lambda share: share.value, reverse=True)
    days = mood.coverage.days if len(mood.coverage.days) <= DAYS_DRAWN else ()
    reasons = sorted(mood.coverage.reasons.items(), key=lambda item: -item[1])
    return {
        "mood_text": tell_mood(mood, camera=False),
        "mood_text_with_camera": tell_mood(mood, camera=True),
        "mix_by_size": [_draw(share) for share in shares],
        "affect_texts": tell_affects(mood),
        "coverage_text": tell_coverage(mood),
        "days": [DayCount(day.date, day.checkins + day.readings, tell_counts(day)) for day in days],
        "counts_both": bool(mood.coverage.checkins and mood.coverage.readings),
        "reasons": [(tell_outcome(reason), count) for reason, count in reasons],
    }


def present_trend(trend: Trend, effects: Sequence[tuple[Effect, str]], *, until: date) -> dict[str, Any]:
    """The last weeks as a drawing with its table, sentences, and cards of what came after activities."""
    chart = draw_days(trend.days, usual=trend.usual, until=until)
    return {
        "chart": chart,
        "chart_rows": [(dot.day.date, tell_day(dot.day)) for dot in reversed(chart.dots)],
        "trend_texts": tell_trend(trend),
        "effect_texts": [tell_effect(effect, title) for effect, title in effects],
    }


def present_year(days: Sequence[DayValue], year: int, *, today: date) -> dict[str, Any]:
    """Months of the year as tables; `before` and `after` are the years beside it, `after` None for the current one."""
    return {
        "months": draw_year(days, year=year, levels=LEVELS),
        "levels": list(enumerate(LEVELS)),
        "weekdays": list(WEEKDAYS.values()),
        "before": year - 1,
        "after": year + 1 if year < today.year else None,
    }


def _draw(share: Share) -> Bar:
    return Bar(
        expression=share.expression,
        name=capfirst(tell_look(share.expression)),
        percent=share.percent,
        low_percent=round(share.low * 100),
        high_percent=round(share.high * 100),
        width=f"{share.value * 100:.1f}",
        low=f"{share.low * 100:.1f}",
        range=f"{(share.high - share.low) * 100:.1f}",
    )
