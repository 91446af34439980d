"""The words for what a reading says, and for what a camera was used for. Written as they stand inside a sentence."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Expression(models.TextChoices):
    """How a face looked, in the order of `emotion.labels.EXPRESSIONS`."""

    ANGER = "anger", pgettext_lazy("your face looked", "angry")
    DISGUST = "disgust", pgettext_lazy("your face looked", "disgusted")
    FEAR = "fear", pgettext_lazy("your face looked", "afraid")
    HAPPINESS = "happiness", pgettext_lazy("your face looked", "happy")
    NEUTRAL = "neutral", pgettext_lazy("your face looked", "neutral")
    SADNESS = "sadness", pgettext_lazy("your face looked", "sad")
    SURPRISE = "surprise", pgettext_lazy("your face looked", "surprised")


class NoReading(models.TextChoices):
    """Why a capture gave no reading, in the order of `emotion.labels.QUALITY_REASONS`."""

    NO_FACE = "no_face", _("no face in the picture")
    SEVERAL_FACES = "several_faces", _("more than one face")
    TOO_SMALL = "too_small", _("face too far away")
    TOO_DARK = "too_dark", _("too dark")
    TOO_BRIGHT = "too_bright", _("too bright")
    BLURRED = "blurred", _("blurred")
    TURNED_AWAY = "turned_away", _("face turned away")
    LOW_CONFIDENCE = "low_confidence", _("hard to tell")


class Trigger(models.TextChoices):
    """What a camera was used for."""

    MANUAL = "manual", _("you pressed the button")
    SCHEDULED = "scheduled", _("on your schedule")
    NEUTRAL = "neutral", _("for your resting face")


class Ending(models.TextChoices):
    """How a use of a camera ended."""

    SENT = "sent", _("Sent, read and destroyed")
    DROPPED = "dropped", _("Not accepted or no connection, so dropped")
    DISCARDED = "discarded", _("Discarded in your browser")
    SKIPPED = "skipped", _("Skipped")
    DENIED = "denied", _("Not allowed by the browser")
    FAILED = "failed", _("The camera did not work")
    STOPPED = "stopped", _("Stopped")
