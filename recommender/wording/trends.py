"""Sentences about days and weeks: what was said or seen, beside the person's own usual. Never what they are."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommender.mood.daily_values import DayValue
from recommender.mood.patterns import Pattern
from recommender.mood.trend import Trend
from recommender.ranking.effects import Effect
from recommender.wording.moods import pleasantness_word

_TIMES: Final = {
    "0": gettext_lazy("Mondays"),
    "1": gettext_lazy("Tuesdays"),
    "2": gettext_lazy("Wednesdays"),
    "3": gettext_lazy("Thursdays"),
    "4": gettext_lazy("Fridays"),
    "5": gettext_lazy("Saturdays"),
    "6": gettext_lazy("Sundays"),
    "morning": gettext_lazy("Mornings"),
    "midday": gettext_lazy("Middays"),
    "afternoon": gettext_lazy("Afternoons"),
    "evening": gettext_lazy("Evenings"),
}
_STEPS: Final = (
    (0.15, gettext_lazy("little")),
    (0.35, gettext_lazy("somewhat")),
    (9.0, gettext_lazy("a lot")),
)


def tell_day(day: DayValue) -> str:
    """ "pleasant, from 2 check-ins"."""
    said = ngettext("%(pleasant)s, from %(count)d check-in", "%(pleasant)s, from %(count)d check-ins", day.count)
    seen = ngettext("%(pleasant)s, from %(count)d reading", "%(pleasant)s, from %(count)d readings", day.count)
    told = {"pleasant": pleasantness_word(day.value), "count": day.count}
    return (said if day.source == "said" else seen) % told


def tell_trend(trend: Trend) -> list[str]:
    """One sentence each; the first says how the last week compares, or what is missing for that."""
    was_said = bool(trend.days) and trend.days[-1].source == "said"
    sentences = [_tell_change(trend, was_said=was_said)]
    sentences += [_tell_pattern(pattern, was_said=was_said) for pattern in trend.patterns]
    if trend.day_to_day_change is not None:
        sentences.append(_tell_steps(trend.day_to_day_change, was_said=was_said))
    return sentences


def tell_effect(effect: Effect, title: str) -> str:
    """ "After a walk you rated +0.6, 11 times, between +0.1 and +1.1." """
    value, low, high = (f"{number:+.1f}" for number in (effect.change.value, effect.change.low, effect.change.high))
    sentence = _(
        "After %(title)s you rated %(value)s, %(count)d times; it could as well be between %(low)s and %(high)s."
    )
    return sentence % {"title": title, "value": value, "count": effect.count, "low": low, "high": high}


def _tell_change(trend: Trend, *, was_said: bool) -> str:
    if trend.usual is None:
        sentence = _("Your usual is not known yet: it takes %(needed)d observed days, and there are %(known)d so far.")
        return sentence % {"needed": trend.rules.usual_days, "known": len(trend.days)}
    if trend.change is None:
        return _("The last seven days hold too little to compare with your usual.")
    if trend.change.low <= 0 <= trend.change.high:
        said = _("In the last seven days what you said was within your usual.")
        seen = _("In the last seven days how your face looked was within your usual.")
    elif trend.change.value > 0:
        said = _("In the last seven days what you said was more pleasant than your usual.")
        seen = _("In the last seven days how your face looked was more pleasant than your usual.")
    else:
        said = _("In the last seven days what you said was less pleasant than your usual.")
        seen = _("In the last seven days how your face looked was less pleasant than your usual.")
    return said if was_said else seen


def _tell_pattern(pattern: Pattern, *, was_said: bool) -> str:
    if pattern.difference.value > 0:
        said = _("%(times)s were rated more pleasant than other times, %(count)d of them so far.")
        seen = _("%(times)s looked more pleasant than other times, %(count)d of them so far.")
    else:
        said = _("%(times)s were rated less pleasant than other times, %(count)d of them so far.")
        seen = _("%(times)s looked less pleasant than other times, %(count)d of them so far.")
    # Parts of the day are found in check-ins alone.
    sentence = said if was_said or pattern.kind == "daypart" else seen
    return sentence % {"times": _TIMES[pattern.name], "count": pattern.count}


def _tell_steps(change: float, *, was_said: bool) -> str:
    said = _("From one day to the next, what you said changed %(how)s.")
    seen = _("From one day to the next, how your face looked changed %(how)s.")
    return (said if was_said else seen) % {"how": next(words for limit, words in _STEPS if change < limit)}
