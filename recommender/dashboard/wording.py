"""Sentences for people: what was seen and said, never what somebody is. Pure, so that every sentence is tested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from recommender.mood.agreement import ENOUGH, Agreement
from recommender.mood.summary import Affect, Day, Mood


def gettext_noop(text: str) -> str:
    """Marks a text that templates translate."""
    return text


#: "Your face looked ...".
LOOKS: Final[Mapping[str, str]] = {
    "anger": "angry",
    "disgust": "disgusted",
    "fear": "afraid",
    "happiness": "happy",
    "neutral": "neutral",
    "sadness": "sad",
    "surprise": "surprised",
}
NAMES: Final[Mapping[str, str]] = {
    "anger": "Angry",
    "disgust": "Disgusted",
    "fear": "Afraid",
    "happiness": "Happy",
    "neutral": "Neutral",
    "sadness": "Sad",
    "surprise": "Surprised",
}
OUTCOMES: Final[Mapping[str, str]] = {
    "no_face": "no face in the picture",
    "several_faces": "more than one face",
    "too_small": "face too far away",
    "too_dark": "too dark",
    "too_bright": "too bright",
    "blurred": "blurred",
    "turned_away": "face turned away",
    "low_confidence": "hard to tell",
}
EVIDENCE: Final[Mapping[str, str]] = {
    "A": "several good studies agree (grade A)",
    "B": "some good studies support it (grade B)",
    "C": "early or indirect studies only (grade C)",
    "D": "common advice, hardly studied (grade D)",
}
#: What each grade means, for the page on an activity.
GRADES_EXPLAINED: Final[Mapping[str, str]] = {
    "A": gettext_noop(
        "Several good studies or a review of many agree. The effect is real on average, and usually small."
    ),
    "B": gettext_noop("Some good studies support it. More of them could still change the picture."),
    "C": gettext_noop("Early, small or indirect studies point this way. Take it as a fair guess."),
    "D": gettext_noop("Common advice that hardly anybody has studied. It costs little to try."),
}
PLACE_NAMES: Final[Mapping[str, str]] = {
    "desk": gettext_noop("At my desk"),
    "break_room": gettext_noop("In a break room or kitchen"),
    "quiet_room": gettext_noop("In a quiet room"),
    "outdoors": gettext_noop("Outdoors"),
    "home": gettext_noop("At home"),
}
DAYPART_NAMES: Final[Mapping[str, str]] = {
    "morning": gettext_noop("Morning"),
    "midday": gettext_noop("Midday"),
    "afternoon": gettext_noop("Afternoon"),
    "evening": gettext_noop("Evening"),
}
LIMIT_NAMES: Final[Mapping[str, str]] = {
    "walking": gettext_noop("Walking or rolling some way"),
    "standing": gettext_noop("Standing"),
    "hands": gettext_noop("Using hands or arms"),
    "breathing": gettext_noop("Steering the breath"),
    "company": gettext_noop("Other people"),
    "sight": gettext_noop("Seeing"),
    "hearing": gettext_noop("Hearing"),
    "effort": gettext_noop("Physical effort"),
}
#: What a check-in may name: also states of a working day that no face shows.
CHECKIN_WORDS: Final = (
    "calm",
    "content",
    "cheerful",
    "proud",
    "grateful",
    "curious",
    "focused",
    "tired",
    "bored",
    "stressed",
    "overwhelmed",
    "tense",
    "worried",
    "frustrated",
    "lonely",
    "down",
)
ANSWERED: Final[Mapping[str, str]] = {"did": "did it", "not_now": "not now", "never": "not for me"}
#: How somebody felt, before or after something they did.
FELT: Final[Mapping[int, str]] = {-2: "bad", -1: "not so good", 0: "so-so", 1: "good", 2: "very good"}
HELPED: Final[Mapping[int, str]] = {
    -2: "made it worse",
    -1: "a little worse",
    0: "no difference",
    1: "helped a little",
    2: "helped a lot",
}
_PLEASANTNESS: Final = ((-0.4, "unpleasant"), (-0.1, "a little unpleasant"), (0.1, "neither pleasant nor unpleasant"))
_PLEASANT: Final = ((0.4, "a little pleasant"), (2.0, "pleasant"))
_ENERGY: Final = ((-0.4, "low"), (-0.1, "rather low"), (0.1, "middling"), (0.4, "rather high"), (2.0, "high"))


def count_of(number: int, one: str, many: str | None = None) -> str:
    """`count_of(2, "day")` is "2 days"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def span_of(days: int) -> str:
    return "Today" if days == 1 else f"In the last {days} days"


def pleasantness_word(value: float) -> str:
    return next(word for limit, word in (*_PLEASANTNESS, *_PLEASANT) if value < limit)


def energy_word(value: float) -> str:
    return next(word for limit, word in _ENERGY if value < limit)


def tell_mood(mood: Mood, *, camera: bool | None = None) -> str:
    """One or two sentences on the whole window, or on what is still missing.

    `camera`: whether readings can come, else nothing is said of how many it takes. Where that is not known (None) they
    can if snapshots came in the window.
    """
    span = span_of(mood.rules.window_days)
    if mood.mix is None:
        came = bool(mood.coverage.readings or mood.coverage.missed)
        return _tell_without_mix(mood, camera=came if camera is None else camera)
    if mood.leading is None and mood.share("neutral") < 0.5:
        return f"{span} your face showed a mix of expressions, none of them clearly ahead."
    if mood.leading is None:
        return f"{span} your face looked neutral most of the time, and no other expression stood out."
    percent = round(mood.share(mood.leading) * 100)
    if mood.share(mood.leading) > mood.share("neutral"):
        return f"{span} your face most often looked {LOOKS[mood.leading]}, about {percent}% of the time."
    return f"{span} {_looked_most(mood.leading, percent)}"


def tell_affects(mood: Mood) -> list[str]:
    """What goes beside a mix: what was said, or what is missing for that, and what was seen."""
    if mood.mix is None:
        return []
    told = [tell_affect(affect) for affect in (mood.said, mood.seen) if affect is not None]
    if mood.said is None and mood.coverage.checkins:
        return [f"To sum up your own word too, it takes {_checkins_needed(mood)}.", *told]
    return told


def tell_affect(affect: Affect) -> str:
    """Pleasantness and energy in words, with their source."""
    pleasant = pleasantness_word(affect.pleasantness.value)
    energy = energy_word(affect.energy.value)
    if affect.source == "said":
        checkins = count_of(affect.count, "check-in")
        return f"Your {checkins} said {pleasant} on the whole, with {energy} energy."
    readings = count_of(affect.count, "reading")
    return f"Going by {readings}, your face looked {pleasant} on the whole, with {energy} energy."


def tell_coverage(mood: Mood) -> str:
    """How many check-ins, readings and snapshots in vain there are; nothing of a kind of which there is none."""
    coverage, window = mood.coverage, count_of(mood.rules.window_days, "day")
    told = []
    if coverage.checkins:
        days = sum(day.checkins > 0 for day in coverage.days)
        told.append(f"Check-ins on {days} of {window}: {coverage.checkins} in all.")
    missed = count_of(coverage.missed, "snapshot")
    if coverage.readings:
        readings = f"Readings on {coverage.days_with_readings} of {window}: {count_of(coverage.readings, 'reading')}"
        told.append(f"{readings} in all{f', and {missed} that gave none' if coverage.missed else ''}.")
    elif coverage.missed:
        told.append(f"{missed} gave no reading.")
    return " ".join(told) or f"Nothing to go by yet {span_of(mood.rules.window_days).lower()}."


def tell_counts(day: Day) -> str:
    """ "1 check-in, 2 readings", or "nothing"."""
    counts = ((day.checkins, "check-in"), (day.readings, "reading"))
    return ", ".join(count_of(number, one) for number, one in counts if number) or "nothing"


def tell_agreement(agreement: Agreement) -> str:
    """How often the camera and the person said the same, and whether that is more than a guess would get."""
    if agreement.pairs < ENOUGH:
        return (
            f"So far {count_of(agreement.pairs, 'reading')} can be compared with your own word. From {ENOUGH} on "
            f"this page tells you whether the camera adds anything for you."
        )
    low, high = round(100 * agreement.low), round(100 * agreement.high)
    text = (
        f"In {agreement.agreed} of {agreement.pairs} comparisons the camera and you said the same "
        f"({round(100 * agreement.share)}%, could be {low} to {high}%). "
        f'Always guessing "{agreement.commonest}" would have been right {round(100 * agreement.guess_share)}% of '
        "the time."
    )
    if agreement.verdict == "adds":
        return f"{text} So it does tell you something, though your own word still counts for more."
    return f"{text} So for you it adds nothing that shows."


def explain(reason: Mapping[str, Any], *, effect_note: str = "") -> str:
    """Why a suggestion was made, to be read aloud: the window, what was seen or said, and the evidence."""
    parts = [_BECAUSE[reason["rule"]](reason), _tell_experience(reason) or _tell_liking(reason), effect_note.strip()]
    parts.append(f"The evidence: {EVIDENCE[reason['grade']]}.")
    return " ".join(part for part in parts if part)


def _tell_without_mix(mood: Mood, *, camera: bool) -> str:
    if mood.said is None:
        needed = f"{_checkins_needed(mood)}, or {_readings_needed(mood)}" if camera else _checkins_needed(mood)
        return f"Not enough yet to sum up: it takes {needed}."
    said = tell_affect(mood.said)
    return f"{said} To sum up your readings too, it takes {_readings_needed(mood)}." if camera else said


def _checkins_needed(mood: Mood) -> str:
    return count_of(mood.rules.floor_checkins - mood.coverage.checkins, "more check-in")


def _readings_needed(mood: Mood) -> str:
    needed = []
    if mood.readings_needed:
        needed.append(count_of(mood.readings_needed, "more reading"))
    if mood.days_needed:
        needed.append(f"readings on {count_of(mood.days_needed, 'more day')}")
    return " and ".join(needed)


def _looked_most(expression: str, percent: int) -> str:
    look = LOOKS[expression]
    return f"your face looked {look} more often than any other way besides neutral, about {percent}% of the time."


def _because_leading(reason: Mapping[str, Any]) -> str:
    looked = _looked_most(reason["expression"], reason["percent"]).removesuffix(".")
    return f"{span_of(reason['days'])} {looked}, and this is meant for such days."


def _because_seen(reason: Mapping[str, Any]) -> str:
    look, percent = LOOKS[reason["expression"]], reason["percent"]
    meant = "suits ordinary days" if reason["expression"] == "neutral" else "is meant for such moments"
    return f"{span_of(reason['days'])} your face looked {look} about {percent}% of the time, and this {meant}."


def _because_said(reason: Mapping[str, Any]) -> str:
    pleasant, energy = pleasantness_word(reason["pleasantness"]), energy_word(reason["energy"])
    said = f"your check-ins were {pleasant} on the whole, with {energy} energy"
    return f"{span_of(reason['days'])} {said}, and this suits such days."


def _because_few(reason: Mapping[str, Any]) -> str:
    days, readings = reason["days"], reason.get("readings", 0)
    span = "Today holds" if days == 1 else f"The last {days} days hold"
    basis = f"too few readings to go by, {readings} so far" if readings else "too little to go by"
    return f"{span} {basis}, so this is something gentle that suits most moments."


def _because_variety(reason: Mapping[str, Any]) -> str:
    span = "today" if reason["days"] == 1 else f"in the last {reason['days']} days"
    return f"Nothing seen or said {span} points to this one in particular; it is here for variety."


def _because_gentle(reason: Mapping[str, Any]) -> str:
    return "You told us that the last days were low ones, so this is short and asks for little."


def _because_chosen(reason: Mapping[str, Any]) -> str:
    return "You picked this one yourself."


def _tell_experience(reason: Mapping[str, Any]) -> str:
    if "tried" not in reason:
        return ""
    times = {1: "once", 2: "twice"}.get(reason["tried"], f"{reason['tried']} times")
    found = next(word for limit, word in _EXPERIENCE if reason["helped"] < limit)
    return f"You rated it {times} before: {found}."


def _tell_liking(reason: Mapping[str, Any]) -> str:
    return "It is of a kind that you said usually does you good." if "liked" in reason else ""


_EXPERIENCE: Final = (
    (-0.5, "it rather made things worse"),
    (0.5, "it made little difference"),
    (1.5, "it helped a little"),
    (9.0, "it helped a lot"),
)
_BECAUSE: Final = {
    "leading": _because_leading,
    "seen": _because_seen,
    "said": _because_said,
    "few": _because_few,
    "gentle": _because_gentle,
    "chosen": _because_chosen,
    "variety": _because_variety,
}
