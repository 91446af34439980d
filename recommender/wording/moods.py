"""Sentences on a mood: what was seen and said, never what somebody is."""

from typing import Final

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from emotion.choices import Expression, NoReading
from recommender.choices import ENERGY_WORDS, LEVELS
from recommender.mood.affect import level_of
from recommender.mood.agreement import ENOUGH, Agreement
from recommender.mood.summary import Affect, Day, Mood

_GUESSED: Final = {
    "unpleasant": gettext_lazy("unpleasant"),
    "in between": gettext_lazy("in between"),
    "pleasant": gettext_lazy("pleasant"),
}
_ADDS: Final = gettext_lazy("So it does tell you something, though your own word still counts for more.")
_ADDS_NOTHING: Final = gettext_lazy("So for you it adds nothing that shows.")


def tell_span(days: int) -> str:
    """ "today", or "in the last 7 days"."""
    if days == 1:
        return _("today")
    return ngettext("in the last %(days)d day", "in the last %(days)d days", days) % {"days": days}


def tell_percent(percent: float) -> str:
    return _("%(percent)s%%") % {"percent": percent}


def tell_look(expression: str) -> str:
    """ "angry", as in "your face looked angry". Raises ValueError."""
    return str(Expression(expression).label)


def tell_outcome(outcome: str) -> str:
    """Why there was no reading; "no answer" for a reason nobody knows."""
    return str(NoReading(outcome).label) if outcome in NoReading.values else _("no answer")


def pleasantness_word(value: float) -> str:
    """Raises ValueError."""
    return str(LEVELS[level_of(value)][1])


def energy_word(value: float) -> str:
    """ "low energy". Raises ValueError."""
    return str(ENERGY_WORDS[level_of(value)])


def tell_mood(mood: Mood, *, camera: bool | None = None) -> str:
    """One or two sentences on the whole window, or on what is still missing.

    `camera`: whether readings can come, else nothing is said of how many it takes. Where that is not known (None) they
    can if snapshots came in the window.
    """
    if mood.mix is None:
        came = bool(mood.coverage.readings or mood.coverage.missed)
        return _tell_without_mix(mood, camera=came if camera is None else camera)
    return _choose_sentence(mood) % {
        "span": capfirst(tell_span(mood.rules.window_days)),
        "look": tell_look(mood.leading or "neutral"),
        "share": tell_percent(round(mood.share(mood.leading) * 100)) if mood.leading else "",
    }


def _choose_sentence(mood: Mood) -> str:
    if mood.leading is None and mood.share("neutral") < 0.5:
        return _("%(span)s your face showed a mix of expressions, none of them clearly ahead.")
    if mood.leading is None:
        return _("%(span)s your face looked neutral most of the time, and no other expression stood out.")
    if mood.share(mood.leading) > mood.share("neutral"):
        return _("%(span)s your face most often looked %(look)s, about %(share)s of the time.")
    return _(
        "%(span)s your face looked %(look)s more often than any other way besides neutral, about %(share)s of the time."
    )


def tell_affects(mood: Mood) -> list[str]:
    """What goes beside a mix: what was said, or what is missing for that, and what was seen."""
    if mood.mix is None:
        return []
    told = [tell_affect(affect) for affect in (mood.said, mood.seen) if affect is not None]
    if mood.said is None and mood.coverage.checkins:
        needed = _tell_checkins_needed(mood)
        return [_("To sum up your own word too, it takes %(checkins)s.") % {"checkins": needed}, *told]
    return told


def tell_affect(affect: Affect) -> str:
    """Pleasantness and energy in words, with their source."""
    said = ngettext(
        "Your %(count)d check-in said %(pleasant)s on the whole, with %(energy)s.",
        "Your %(count)d check-ins said %(pleasant)s on the whole, with %(energy)s.",
        affect.count,
    )
    seen = ngettext(
        "Going by %(count)d reading, your face looked %(pleasant)s on the whole, with %(energy)s.",
        "Going by %(count)d readings, your face looked %(pleasant)s on the whole, with %(energy)s.",
        affect.count,
    )
    pleasant, energy = pleasantness_word(affect.pleasantness.value), energy_word(affect.energy.value)
    told = {"count": affect.count, "pleasant": pleasant, "energy": energy}
    return (said if affect.source == "said" else seen) % told


def tell_coverage(mood: Mood) -> str:
    """How many check-ins, readings and snapshots in vain there are; nothing of a kind of which there is none."""
    coverage, missed = mood.coverage, mood.coverage.missed
    told = []
    if coverage.checkins:
        told.append(_tell_days_with_checkins(mood))
    if coverage.readings:
        told.append(_tell_days_with_readings(mood))
    elif missed:
        told.append(
            ngettext("%(count)d snapshot gave no reading.", "%(count)d snapshots gave no reading.", missed)
            % {"count": missed}
        )
    return " ".join(told) or _("Nothing to go by yet %(span)s.") % {"span": tell_span(mood.rules.window_days)}


def _tell_days_with_checkins(mood: Mood) -> str:
    window, days = mood.rules.window_days, sum(day.checkins > 0 for day in mood.coverage.days)
    return ngettext(
        "Check-ins on %(days)d of %(window)d day: %(count)d in all.",
        "Check-ins on %(days)d of %(window)d days: %(count)d in all.",
        window,
    ) % {"days": days, "window": window, "count": mood.coverage.checkins}


def _tell_days_with_readings(mood: Mood) -> str:
    coverage, window = mood.coverage, mood.rules.window_days
    told = {"days": coverage.days_with_readings, "window": window, "readings": _count_readings(coverage.readings)}
    if not coverage.missed:
        return (
            ngettext(
                "Readings on %(days)d of %(window)d day: %(readings)s in all.",
                "Readings on %(days)d of %(window)d days: %(readings)s in all.",
                window,
            )
            % told
        )
    missed = ngettext("%(count)d snapshot that gave none", "%(count)d snapshots that gave none", coverage.missed)
    sentence = ngettext(
        "Readings on %(days)d of %(window)d day: %(readings)s in all, and %(missed)s.",
        "Readings on %(days)d of %(window)d days: %(readings)s in all, and %(missed)s.",
        window,
    )
    return sentence % {**told, "missed": missed % {"count": coverage.missed}}


def tell_counts(day: Day) -> str:
    """ "1 check-in, 2 readings", or "nothing"."""
    checkins = ngettext("%(count)d check-in", "%(count)d check-ins", day.checkins) % {"count": day.checkins}
    counts = ((day.checkins, checkins), (day.readings, _count_readings(day.readings)))
    return ", ".join(told for number, told in counts if number) or _("nothing")


def _count_readings(count: int) -> str:
    return ngettext("%(count)d reading", "%(count)d readings", count) % {"count": count}


def tell_agreement(agreement: Agreement) -> str:
    """How often the camera and the person said the same, and whether that is more than a guess would get."""
    if agreement.commonest is None or agreement.pairs < ENOUGH:
        return ngettext(
            "So far %(count)d reading can be compared with your own word. From %(enough)d on this page tells you "
            "whether the camera adds anything for you.",
            "So far %(count)d readings can be compared with your own word. From %(enough)d on this page tells you "
            "whether the camera adds anything for you.",
            agreement.pairs,
        ) % {"count": agreement.pairs, "enough": ENOUGH}
    compared = _(
        "In %(agreed)d of %(pairs)d comparisons the camera and you said the same (%(share)s, could be %(low)d to "
        '%(high)s). Always guessing "%(guess)s" would have been right %(guess_share)s of the time.'
    ) % {
        "agreed": agreement.agreed,
        "pairs": agreement.pairs,
        "share": tell_percent(round(100 * agreement.share)),
        "low": round(100 * agreement.low),
        "high": tell_percent(round(100 * agreement.high)),
        "guess": _GUESSED[agreement.commonest],
        "guess_share": tell_percent(round(100 * agreement.guess_share)),
    }
    return f"{compared} {_ADDS if agreement.verdict == 'adds' else _ADDS_NOTHING}"


def _tell_without_mix(mood: Mood, *, camera: bool) -> str:
    if mood.said is not None:
        said = tell_affect(mood.said)
        needed = _("To sum up your readings too, it takes %(readings)s.")
        return f"{said} {needed % {'readings': _tell_readings_needed(mood)}}" if camera else said
    sentence = (
        _("Not enough yet to sum up: it takes %(checkins)s, or %(readings)s.")
        if camera
        else _("Not enough yet to sum up: it takes %(checkins)s.")
    )
    return sentence % {"checkins": _tell_checkins_needed(mood), "readings": _tell_readings_needed(mood)}


def _tell_checkins_needed(mood: Mood) -> str:
    count = mood.rules.floor_checkins - mood.coverage.checkins
    return ngettext("%(count)d more check-in", "%(count)d more check-ins", count) % {"count": count}


def _tell_readings_needed(mood: Mood) -> str:
    readings, days = mood.readings_needed, mood.days_needed
    more = ngettext("%(count)d more reading", "%(count)d more readings", readings) % {"count": readings}
    spread = ngettext("readings on %(count)d more day", "readings on %(count)d more days", days) % {"count": days}
    if readings and days:
        return _("%(readings)s and %(days)s") % {"readings": more, "days": spread}
    return more if readings else spread if days else ""
