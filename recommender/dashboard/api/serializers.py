"""Shapes of what goes out and comes in. Times carry the person's own offset."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from core.language import get_language
from emotion.choices import Expression
from recommender.catalogue.models import Activity
from recommender.choices import Answer, CheckInWord
from recommender.dashboard.services.checkins import NOTE_LENGTH, OWN_WORD_LENGTH, OWN_WORDS
from recommender.mood.summary import Mood
from recommender.wording.moods import tell_mood


class EstimateSerializer(serializers.Serializer[object]):
    """A value with its 95 % interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class ShareSerializer(EstimateSerializer):
    expression = serializers.ChoiceField(choices=Expression.choices)


class AffectSerializer(serializers.Serializer[object]):
    """Both from -1 to 1; `said` in check-ins, or `seen` by the camera."""

    pleasantness = EstimateSerializer()
    energy = EstimateSerializer()
    source = serializers.ChoiceField(choices=["said", "seen"])  # type: ignore[assignment]
    count = serializers.IntegerField()


class DaySerializer(serializers.Serializer[object]):
    date = serializers.DateField()
    readings = serializers.IntegerField()
    missed = serializers.IntegerField()
    checkins = serializers.IntegerField()


class CoverageSerializer(serializers.Serializer[object]):
    days = DaySerializer(many=True)
    reasons = serializers.DictField(child=serializers.IntegerField())
    readings = serializers.IntegerField()
    days_with_readings = serializers.IntegerField()


class MoodSerializer(serializers.Serializer[object]):
    """`mix`, `seen` and `said` are null while there is too little of them."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    window_days = serializers.IntegerField(source="rules.window_days")
    enough = serializers.BooleanField()
    readings_needed = serializers.IntegerField()
    days_needed = serializers.IntegerField()
    sentence = serializers.SerializerMethodField()
    coverage = CoverageSerializer()
    mix = ShareSerializer(many=True, allow_null=True)
    leading = serializers.ChoiceField(choices=Expression.choices, allow_null=True)
    seen = AffectSerializer(allow_null=True)
    said = AffectSerializer(allow_null=True)
    corrected = serializers.IntegerField()

    def get_sentence(self, mood: Mood) -> str:
        return tell_mood(mood)


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    """Title, body and note in `language`: the one asked for by the browser or chosen there, where it is translated."""

    language = serializers.ChoiceField(choices=settings.LANGUAGES, read_only=True)
    category = serializers.CharField(source="category.slug")

    class Meta:
        model = Activity
        fields = (
            "slug",
            "language",
            "title",
            "body",
            "category",
            "minutes",
            "evidence_grade",
            "reference",
            "doi",
            "reference_verified",
            "effect_note",
        )

    def to_representation(self, instance: Activity) -> dict[str, Any]:
        text = instance.text_in(get_language(self.context["request"]))
        told = {"language": text.language, "title": text.title, "body": text.body, "effect_note": text.effect_note}
        return super().to_representation(instance) | told


class SuggestionSerializer(serializers.Serializer[object]):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    activity = ActivitySerializer()
    reason = serializers.CharField(source="explanation")


class CheckInSerializer(serializers.Serializer[object]):
    """How a moment feels, in the person's own word. Both numbers go from -1 to 1.

    `key` is a random UUID that the client makes up: the same check-in sent again under it is noted once.
    """

    pleasantness = serializers.FloatField(min_value=-1, max_value=1)
    energy = serializers.FloatField(min_value=-1, max_value=1)
    words = serializers.ListField(child=serializers.ChoiceField(choices=CheckInWord.choices), default=list)
    own_words = serializers.ListField(
        child=serializers.CharField(max_length=OWN_WORD_LENGTH), max_length=OWN_WORDS, default=list
    )
    note = serializers.CharField(max_length=NOTE_LENGTH, allow_blank=True, default="")
    key = serializers.UUIDField(default=None)


class NotedSerializer(serializers.Serializer[object]):
    id = serializers.UUIDField()


class FeedbackSerializer(serializers.Serializer[object]):
    """`helped` goes from -2 (made it worse) to 2 (helped a lot); `before` and `after` say how it felt, -2 (bad) to 2.

    All three are left out or null unless the answer is `did`.
    """

    answer = serializers.ChoiceField(choices=Answer.choices)
    helped = serializers.IntegerField(min_value=-2, max_value=2, allow_null=True, required=False, default=None)
    before = serializers.IntegerField(min_value=-2, max_value=2, allow_null=True, required=False, default=None)
    after = serializers.IntegerField(min_value=-2, max_value=2, allow_null=True, required=False, default=None)
