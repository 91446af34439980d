"""The words for what an activity asks for, what is known of it, and what people say of themselves."""

from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Place(models.TextChoices):
    DESK = "desk", _("At my desk")
    BREAK_ROOM = "break_room", _("In a break room or kitchen")
    QUIET_ROOM = "quiet_room", _("In a quiet room")
    OUTDOORS = "outdoors", _("Outdoors")
    HOME = "home", _("At home")


class Daypart(models.TextChoices):
    """As `recommender.mood.patterns.daypart_of` names the hours."""

    MORNING = "morning", _("Morning")
    MIDDAY = "midday", _("Midday")
    AFTERNOON = "afternoon", _("Afternoon")
    EVENING = "evening", _("Evening")


class Limit(models.TextChoices):
    """What an activity may ask of somebody, and what a person may ask to be spared."""

    WALKING = "walking", _("Walking or rolling some way")
    STANDING = "standing", _("Standing")
    HANDS = "hands", _("Using hands or arms")
    BREATHING = "breathing", _("Steering the breath")
    COMPANY = "company", _("Other people")
    SIGHT = "sight", _("Seeing")
    HEARING = "hearing", _("Hearing")
    EFFORT = "effort", _("Physical effort")


class Grade(models.TextChoices):
    """How good the evidence is, in a few words that follow "The evidence:"."""

    A = "A", _("several good studies agree")
    B = "B", _("some good studies support it")
    C = "C", _("early or indirect studies only")
    D = "D", _("common advice, hardly studied")

    @property
    def explanation(self) -> Promise:
        """What the grade means, for the page on an activity."""
        return {
            Grade.A: _(
                "Several good studies or a review of many agree. The effect is real on average, and usually small."
            ),
            Grade.B: _("Some good studies support it. More of them could still change the picture."),
            Grade.C: _("Early, small or indirect studies point this way. Take it as a fair guess."),
            Grade.D: _("Common advice that hardly anybody has studied. It costs little to try."),
        }[self]


class Answer(models.TextChoices):
    """To a suggestion."""

    DID = "did", _("did it")
    NOT_NOW = "not_now", _("not now")
    NEVER = "never", _("not for me")


class Company(models.TextChoices):
    ALONE = "alone", _("Alone")
    WITH = "with", _("With others")
    EITHER = "either", _("Either")


class Felt(models.IntegerChoices):
    """How somebody felt, before or after something they did."""

    BAD = -2, _("bad")
    NOT_SO_GOOD = -1, _("not so good")
    SO_SO = 0, _("so-so")
    GOOD = 1, _("good")
    VERY_GOOD = 2, _("very good")


class Helped(models.IntegerChoices):
    MADE_WORSE = -2, _("made it worse")
    A_LITTLE_WORSE = -1, _("a little worse")
    NO_DIFFERENCE = 0, _("no difference")
    A_LITTLE = 1, _("helped a little")
    A_LOT = 2, _("helped a lot")


class CheckInWord(models.TextChoices):
    """What a check-in may name: also states of a working day that no face shows."""

    CALM = "calm", pgettext_lazy("I feel", "calm")
    CONTENT = "content", pgettext_lazy("I feel", "content")
    CHEERFUL = "cheerful", pgettext_lazy("I feel", "cheerful")
    PROUD = "proud", pgettext_lazy("I feel", "proud")
    GRATEFUL = "grateful", pgettext_lazy("I feel", "grateful")
    CURIOUS = "curious", pgettext_lazy("I feel", "curious")
    FOCUSED = "focused", pgettext_lazy("I feel", "focused")
    TIRED = "tired", pgettext_lazy("I feel", "tired")
    BORED = "bored", pgettext_lazy("I feel", "bored")
    STRESSED = "stressed", pgettext_lazy("I feel", "stressed")
    OVERWHELMED = "overwhelmed", pgettext_lazy("I feel", "overwhelmed")
    TENSE = "tense", pgettext_lazy("I feel", "tense")
    WORRIED = "worried", pgettext_lazy("I feel", "worried")
    FRUSTRATED = "frustrated", pgettext_lazy("I feel", "frustrated")
    LONELY = "lonely", pgettext_lazy("I feel", "lonely")
    DOWN = "down", pgettext_lazy("I feel", "down")


#: A letter, so that colour is never needed, and words for each `recommender.mood.affect.level_of` of pleasantness.
LEVELS: Final = (
    (pgettext_lazy("letter of an unpleasant day", "U"), _("unpleasant")),
    (pgettext_lazy("letter of a day a little unpleasant", "u"), _("a little unpleasant")),
    (pgettext_lazy("letter of a day neither pleasant nor unpleasant", "n"), _("neither pleasant nor unpleasant")),
    (pgettext_lazy("letter of a day a little pleasant", "p"), _("a little pleasant")),
    (pgettext_lazy("letter of a pleasant day", "P"), _("pleasant")),
)
ENERGY_WORDS: Final = (
    _("low energy"),
    _("rather low energy"),
    _("middling energy"),
    _("rather high energy"),
    _("high energy"),
)
