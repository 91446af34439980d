"""Why a suggestion was made, in sentences to be read aloud: the window, what was seen or said, and the evidence."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommender.choices import Grade
from recommender.wording.moods import energy_word, pleasantness_word, tell_look, tell_percent, tell_span


def explain(reason: Mapping[str, Any], *, effect_note: str = "") -> str:
    """Raises LookupError, TypeError, ValueError or StopIteration where a reason has no sentence."""
    evidence = _("The evidence: %(evidence)s (grade %(grade)s).")
    parts = [
        _BECAUSE[reason["rule"]](reason),
        _tell_experience(reason),
        effect_note.strip(),
        evidence % {"evidence": Grade(reason["grade"]).label, "grade": reason["grade"]},
    ]
    return " ".join(part for part in parts if part)


def put_into_words(reason: Mapping[str, Any], *, effect_note: str = "") -> str | None:
    """What `explain` makes of it; None where it has no sentence: a file may hold any reason."""
    try:
        return explain(reason, effect_note=effect_note)
    except (LookupError, TypeError, ValueError, StopIteration):
        return None


def _looked(reason: Mapping[str, Any]) -> dict[str, str]:
    return {
        "span": capfirst(tell_span(reason["days"])),
        "look": tell_look(reason["expression"]),
        "share": tell_percent(reason["percent"]),
    }


def _because_seen(reason: Mapping[str, Any]) -> str:
    neutral = _("%(span)s your face looked %(look)s about %(share)s of the time, and this suits ordinary days.")
    other = _("%(span)s your face looked %(look)s about %(share)s of the time, and this is meant for such moments.")
    return (neutral if reason["expression"] == "neutral" else other) % _looked(reason)


def _because_said(reason: Mapping[str, Any]) -> str:
    return _("%(span)s your check-ins were %(pleasant)s on the whole, with %(energy)s, and this suits such days.") % {
        "span": capfirst(tell_span(reason["days"])),
        "pleasant": pleasantness_word(reason["pleasantness"]),
        "energy": energy_word(reason["energy"]),
    }


def _because_few(reason: Mapping[str, Any]) -> str:
    days, readings = reason["days"], reason.get("readings", 0)
    return _FEW[days == 1, bool(readings)] % {"days": days, "readings": readings}


def _because_variety(reason: Mapping[str, Any]) -> str:
    sentence = _("Nothing seen or said %(span)s points to this one in particular; it is here for variety.")
    return sentence % {"span": tell_span(reason["days"])}


def _tell_experience(reason: Mapping[str, Any]) -> str:
    if "tried" not in reason:
        return _("It is of a kind that you said usually does you good.") if "liked" in reason else ""
    times = reason["tried"]
    sentence = {1: _("You rated it once before: %(found)s."), 2: _("You rated it twice before: %(found)s.")}.get(times)
    sentence = sentence or ngettext(
        "You rated it %(times)d time before: %(found)s.", "You rated it %(times)d times before: %(found)s.", times
    )
    found = next(words for limit, words in _EXPERIENCE if reason["helped"] < limit)
    return sentence % {"times": times, "found": found}


_EXPERIENCE: Final = (
    (-0.5, gettext_lazy("it rather made things worse")),
    (0.5, gettext_lazy("it made little difference")),
    (1.5, gettext_lazy("it helped a little")),
    (9.0, gettext_lazy("it helped a lot")),
)
#: By whether the window is one day, and whether it holds readings.
_FEW: Final = {
    (True, True): gettext_lazy(
        "Today holds too few readings to go by, %(readings)d so far, so this is something gentle that suits most "
        "moments."
    ),
    (False, True): gettext_lazy(
        "The last %(days)d days hold too few readings to go by, %(readings)d so far, so this is something gentle that "
        "suits most moments."
    ),
    (True, False): gettext_lazy(
        "Today holds too little to go by, so this is something gentle that suits most moments."
    ),
    (False, False): gettext_lazy(
        "The last %(days)d days hold too little to go by, so this is something gentle that suits most moments."
    ),
}
_LEADING: Final = gettext_lazy(
    "%(span)s your face looked %(look)s more often than any other way besides neutral, about %(share)s of the time, "
    "and this is meant for such days."
)
_BECAUSE: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "leading": lambda reason: _LEADING % _looked(reason),
    "seen": _because_seen,
    "said": _because_said,
    "few": _because_few,
    "gentle": lambda reason: _("You told us that the last days were low ones, so this is short and asks for little."),
    "chosen": lambda reason: _("You picked this one yourself."),
    "variety": _because_variety,
}
