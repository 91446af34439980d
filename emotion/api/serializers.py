"""Shapes of the API of captures, schedule, consent and journal."""

from datetime import time
from itertools import pairwise
from typing import Any, get_args
from uuid import UUID
from zoneinfo import available_timezones

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework import serializers

from accounts.models import User
from emotion import schedule as rules
from emotion.choices import Ending, Expression, Trigger
from emotion.labels import OUTCOMES
from emotion.models import Capture, Schedule
from emotion.selectors import get_rules

_MAX_PAUSE_MINUTES = 60 * 24 * 31


class CaptureQuerySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Made by the browser; the same id again is the same capture.")
    trigger = serializers.ChoiceField(choices=Trigger.choices, default=Trigger.MANUAL)


class CaptureUploadSerializer(CaptureQuerySerializer):
    frames = serializers.ListField(child=serializers.FileField(), help_text="1 to 5 baseline JPEGs.")


class ReadingSerializer(serializers.Serializer[Any]):
    """What the classifier said; only while the vault is open."""

    entry = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    expression = serializers.ChoiceField(choices=Expression.choices, allow_null=True)
    probabilities = serializers.DictField(child=serializers.FloatField(), allow_null=True)
    quality = serializers.FloatField()
    model = serializers.CharField()
    corrected = serializers.ChoiceField(choices=Expression.choices, allow_null=True)


class CameraUseSerializer(serializers.Serializer[Any]):
    use = serializers.UUIDField(help_text="Made by the browser; the same use again is noted once.")
    trigger = serializers.ChoiceField(choices=Trigger.choices)
    ended = serializers.ChoiceField(choices=Ending.choices)
    seconds_ago = serializers.IntegerField(
        min_value=0, max_value=86_400, default=0, help_text="When it ended, for a note that was held up."
    )

    def validate_use(self, use: UUID) -> UUID:
        """A UUID of a number, also where JSON's `true` passed for 1, which a journal's format refuses."""
        return UUID(int=int(use.int))


class SessionSerializer(serializers.Serializer[Any]):
    person = serializers.CharField(help_text="A mark that is the same for the same person.")
    token = serializers.CharField(help_text="For the header X-CSRFToken.")


class PersonalSettingsSerializer(serializers.Serializer[Any]):
    ask_first = serializers.BooleanField(help_text="Hold today's readings back until a check-in or a skip.")


class RestingFaceSerializer(serializers.Serializer[Any]):
    learnt_on = serializers.DateField(allow_null=True)
    stills = serializers.IntegerField(help_text="Readable resting stills of the last half hour.")
    needed = serializers.IntegerField()


class AcceptedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Capture.State.choices)


class CaptureSerializer(AcceptedSerializer):
    reason = serializers.CharField(help_text="Why there is no entry: too_late, frame_lost, unreadable, gave_up, ...")
    trigger = serializers.ChoiceField(choices=Trigger.choices)
    queued_at = serializers.DateTimeField()
    reading = ReadingSerializer(allow_null=True)
    ask_first = serializers.BooleanField(help_text="The reading is held back until a check-in or a skip.")
    vault_open = serializers.BooleanField(help_text="Whether the vault was open, so that a reading would be here.")


class QuietSerializer(serializers.Serializer[Any]):
    start = serializers.TimeField()
    end = serializers.TimeField(help_text="Before the start: the quiet runs past midnight.")

    def to_internal_value(self, data: Any) -> Any:
        quiet = super().to_internal_value(data)
        return [quiet["start"].isoformat("minutes"), quiet["end"].isoformat("minutes")]

    def to_representation(self, instance: Any) -> Any:
        return {"start": instance[0], "end": instance[1]}


class ScheduleSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField()
    days = serializers.ListField(
        child=serializers.ChoiceField(choices=[(day, str(day)) for day in range(7)]),
        max_length=7,
        help_text="Weekdays, Monday is 0.",
    )
    start = serializers.TimeField(help_text="On the wall clock of the time zone.")
    end = serializers.TimeField(help_text="Before the start: the hours run past midnight.")
    timezone = serializers.CharField(max_length=64, help_text="An IANA name, such as Europe/Berlin.")
    mode = serializers.ChoiceField(
        choices=Schedule.Mode.choices,
        default=Schedule.Mode.RANDOM,
        help_text="random: `per_day` moments, each drawn in its own part of the day; every: `every_minutes`; times.",
    )
    per_day = serializers.IntegerField(min_value=1, max_value=rules.MAX_PER_DAY, default=3)
    every_minutes = serializers.IntegerField(
        min_value=rules.MIN_GAP_MINUTES, max_value=rules.MAX_GAP_MINUTES, default=60
    )
    times = serializers.ListField(child=serializers.TimeField(), max_length=rules.MAX_PER_DAY, default=list)
    min_gap_minutes = serializers.IntegerField(
        min_value=rules.MIN_GAP_MINUTES,
        max_value=rules.MAX_GAP_MINUTES,
        default=45,
        help_text="Of random moments and named times; `every` keeps its own.",
    )
    quiet = QuietSerializer(many=True, default=list)
    expiry_minutes = serializers.IntegerField(
        min_value=rules.MIN_EXPIRY_MINUTES,
        max_value=rules.MAX_EXPIRY_MINUTES,
        default=30,
        help_text="How long the page goes on asking; then the moment is missed.",
    )
    paused_until = serializers.DateTimeField(read_only=True, allow_null=True)
    next_at = serializers.DateTimeField(read_only=True, allow_null=True, help_text="In the past: it is due now.")
    expires_at = serializers.DateTimeField(read_only=True, allow_null=True)
    why_none = serializers.ChoiceField(
        choices=["altered", "off", "no_days", "no_hours", "no_times", "vault_required", "consent_required"],
        read_only=True,
        allow_null=True,
    )
    why_wait = serializers.ChoiceField(choices=get_args(rules.WhyWait), read_only=True, allow_null=True)

    def validate_timezone(self, value: str) -> str:
        if value not in available_timezones():
            raise serializers.ValidationError(_("This time zone is not known."))
        return value

    def validate_times(self, value: list[time]) -> list[str]:
        return sorted({at.isoformat("minutes") for at in value})

    def validate_quiet(self, value: list[list[str]]) -> list[list[str]]:
        if len(value) > rules.MAX_QUIET:
            raise serializers.ValidationError(_("At most %(most)d quiet times fit.") % {"most": rules.MAX_QUIET})
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["mode"] == Schedule.Mode.TIMES:
            self._check_times(attrs)
        return attrs

    def _check_times(self, attrs: dict[str, Any]) -> None:
        row = {name: value for name, value in attrs.items() if name != "timezone"}
        plan = get_rules(Schedule(user=User(timezone=attrs["timezone"]), **row))
        outside = [at.isoformat("minutes") for at in plan.times if not rules.fits(plan, at)]
        if not plan.times:
            raise serializers.ValidationError({"times": _("Name at least one time.")})
        if outside:
            told = _("Outside your hours or in a quiet time: %(times)s.") % {"times": ", ".join(outside)}
            raise serializers.ValidationError({"times": told})
        least = attrs["min_gap_minutes"]
        if any(_minutes(later) - _minutes(earlier) < least for earlier, later in pairwise(plan.times)):
            told = ngettext(
                "They must lie at least %(least)d minute apart.",
                "They must lie at least %(least)d minutes apart.",
                least,
            )
            raise serializers.ValidationError({"times": told % {"least": least}})


class MomentSerializer(serializers.Serializer[Any]):
    moment = serializers.DateTimeField(help_text="The `next_at` that was answered or skipped.")


class PauseSerializer(serializers.Serializer[Any]):
    """Minutes from now, or a moment; neither ends a pause."""

    minutes = serializers.IntegerField(min_value=1, max_value=_MAX_PAUSE_MINUTES, required=False, allow_null=True)
    until = serializers.DateTimeField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        minutes, until = attrs.get("minutes"), attrs.get("until")
        if minutes is not None and until is not None:
            raise serializers.ValidationError(_("Give minutes or a moment, not both."))
        if until is not None and not 0 < (until - timezone.now()).total_seconds() <= 60 * _MAX_PAUSE_MINUTES:
            raise serializers.ValidationError(_("A pause ends within the next month."))
        return attrs


class ConsentSectionSerializer(serializers.Serializer[Any]):
    heading = serializers.CharField()
    paragraphs = serializers.ListField(child=serializers.CharField())


class ConsentTextSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    sha256 = serializers.CharField()
    title = serializers.CharField()
    sections = ConsentSectionSerializer(many=True)


class ReceiptSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    purpose = serializers.CharField()
    text_version = serializers.CharField()
    text_hash = serializers.CharField()
    given_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ConsentSerializer(serializers.Serializer[Any]):
    live = serializers.BooleanField()
    text = ConsentTextSerializer()
    receipts = ReceiptSerializer(many=True)


class GiveConsentSerializer(serializers.Serializer[Any]):
    text_version = serializers.CharField(max_length=16)


class DaysSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=3660, default=7)


class EntrySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="reading, checkin, suggestion or feedback")
    at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]


class JournalSerializer(serializers.Serializer[Any]):
    entries = EntrySerializer(many=True)
    damaged = serializers.ListField(child=serializers.UUIDField(), help_text="Rows that are not believed.")
    withheld = serializers.IntegerField(help_text="Today's readings, until a check-in or a skip.")


class CorrectionSerializer(serializers.Serializer[Any]):
    expression = serializers.ChoiceField(choices=Expression.choices)


class CorrectedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()


def _minutes(at: time) -> int:
    return 60 * at.hour + at.minute
