"""Shapes of the API of captures, schedule, consent and journal."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.utils import timezone
from rest_framework import serializers

from emotion import schedule as rules
from emotion.labels import EXPRESSIONS, OUTCOMES
from emotion.models import Capture

_WEEKDAYS = range(7)
_MAX_PAUSE_MINUTES = 60 * 24 * 31


class CaptureQuerySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Made by the browser; the same id again is the same capture.")
    trigger = serializers.ChoiceField(choices=Capture.Trigger.choices, default=Capture.Trigger.MANUAL)


class CaptureUploadSerializer(CaptureQuerySerializer):
    frames = serializers.ListField(child=serializers.FileField(), help_text="1 to 5 baseline JPEGs.")


class ReadingSerializer(serializers.Serializer[Any]):
    """What the classifier said; only while the vault is open."""

    entry = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    expression = serializers.ChoiceField(choices=EXPRESSIONS, allow_null=True)
    probabilities = serializers.DictField(child=serializers.FloatField(), allow_null=True)
    quality = serializers.FloatField()
    model = serializers.CharField()
    corrected = serializers.ChoiceField(choices=EXPRESSIONS, allow_null=True)


class CaptureSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Capture.State.choices)
    reason = serializers.CharField(help_text="Why there is no entry: too_late, frame_lost, unreadable, gave_up, ...")
    trigger = serializers.ChoiceField(choices=Capture.Trigger.choices)
    queued_at = serializers.DateTimeField()
    reading = ReadingSerializer(allow_null=True)


class AcceptedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Capture.State.choices)


class ScheduleSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField()
    days = serializers.ListField(
        child=serializers.ChoiceField(choices=[(day, str(day)) for day in _WEEKDAYS]),
        max_length=7,
        help_text="Weekdays, Monday is 0.",
    )
    start = serializers.TimeField(help_text="On the wall clock of the time zone.")
    end = serializers.TimeField(help_text="Before the start: the hours run past midnight.")
    every_minutes = serializers.IntegerField(min_value=rules.MIN_GAP_MINUTES, max_value=rules.MAX_GAP_MINUTES)
    timezone = serializers.CharField(max_length=64, help_text="An IANA name, such as Europe/Berlin.")
    paused_until = serializers.DateTimeField(read_only=True, allow_null=True)
    next_at = serializers.DateTimeField(read_only=True, allow_null=True)
    why_none = serializers.ChoiceField(
        choices=["off", "no_days", "no_hours", "vault_required", "consent_required"], read_only=True, allow_null=True
    )

    def validate_timezone(self, value: str) -> str:
        if value not in available_timezones():
            raise serializers.ValidationError("This time zone is not known.")
        return value


class PauseSerializer(serializers.Serializer[Any]):
    """Minutes from now, or a moment; neither ends a pause."""

    minutes = serializers.IntegerField(min_value=1, max_value=_MAX_PAUSE_MINUTES, required=False, allow_null=True)
    until = serializers.DateTimeField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        minutes, until = attrs.get("minutes"), attrs.get("until")
        if minutes is not None and until is not None:
            raise serializers.ValidationError("Give minutes or a moment, not both.")
        if until is not None and not 0 < (until - timezone.now()).total_seconds() <= 60 * _MAX_PAUSE_MINUTES:
            raise serializers.ValidationError("A pause ends within the next month.")
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


class CorrectionSerializer(serializers.Serializer[Any]):
    expression = serializers.ChoiceField(choices=EXPRESSIONS)


class CorrectedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
