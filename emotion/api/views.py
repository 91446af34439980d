"""API of captures, schedule, consent and journal. Everything is the signed-in person's own."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.conf import settings
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.choices import Event
from accounts.http import signed_in
from accounts.models import ApiToken
from accounts.notices import report
from accounts.selectors import get_person_mark
from core.api_errors import ErrorSerializer
from emotion import selectors
from emotion.api import serializers as shapes
from emotion.api.limits import CameraUseThrottle, FrameParser
from emotion.consent_text import CONSENT_TEXT
from emotion.displayed_journal import DisplayedJournal, read_displayed_journal
from emotion.labels import EXPRESSIONS, READING
from emotion.models import Capture, Schedule
from emotion.resting_face import STILLS
from emotion.services.accept import FrameRefused, accept_capture
from emotion.services.consents import give_consent, withdraw_consent
from emotion.services.entries import correct_reading, record_camera_use
from emotion.services.preferences import forget_face, get_stills, learn_face, set_ask_first
from emotion.services.schedules import finish_moment, pause_schedule, save_schedule
from vault.http import ApiRequest, known_vault, opened
from vault.journal.compaction import delete_entry
from vault.journal.contents import AnyEntry
from vault.journal.kinds import Correction, Reading, show_data

F = TypeVar("F", bound=Callable[..., Response])


def _describe(
    operation_id: str, answer: Any, *refusals: int, codes: tuple[int, ...] = (200,), **asks: Any
) -> Callable[[F], F]:
    """What the schema says of an operation: the shape of its answer, and the codes with which it refuses."""
    answers = dict.fromkeys(codes, answer) | dict.fromkeys(refusals, OpenApiResponse(ErrorSerializer))
    return extend_schema(operation_id=operation_id, responses=answers, **asks)


class CapturesView(APIView):
    parser_classes = [FrameParser, MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before anything reads the body, and so before the CSRF check, which parses a form.
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise FrameRefused(_("That is more than a snapshot may be."), code="too_large")
        super().initial(request, *args, **kwargs)

    @_describe(
        "send_capture",
        shapes.AcceptedSerializer,
        *(400, 403, 404, 409, 413, 423, 429, 503),
        codes=(200, 202),
        parameters=[shapes.CaptureQuerySerializer],
        request={
            "application/octet-stream": OpenApiTypes.BINARY,
            "multipart/form-data": shapes.CaptureUploadSerializer,
        },
    )
    def post(self, request: ApiRequest) -> Response:
        """Send one snapshot: one JPEG as the body, or 1 to 5 as a form."""
        fields, frames = _read_upload(request)
        known_vault(request)
        capture, is_new = accept_capture(
            user=signed_in(request), capture_id=fields["id"], trigger=fields["trigger"], frames=frames
        )
        code = status.HTTP_202_ACCEPTED if is_new else status.HTTP_200_OK
        return Response({"id": capture.pk, "state": capture.state}, status=code)

    @_describe("list_captures", shapes.CaptureSerializer(many=True))
    def get(self, request: ApiRequest) -> Response:
        """The last 24 hours, newest first."""
        return Response(_show_captures(list(selectors.get_captures(signed_in(request))), request))


class CaptureView(APIView):
    @_describe("show_capture", shapes.CaptureSerializer, 404)
    def get(self, request: ApiRequest, capture_id: UUID) -> Response:
        """What became of one snapshot."""
        return Response(_show_captures([selectors.get_capture(signed_in(request), capture_id)], request)[0])


class CameraUsesView(APIView):
    throttle_classes = [CameraUseThrottle]

    @_describe(
        "record_camera_use",
        shapes.CameraUseSerializer,
        *(400, 409, 423, 429),
        codes=(200, 201),
        request=shapes.CameraUseSerializer,
    )
    def post(self, request: ApiRequest) -> Response:
        """Note in the person's own journal that the camera was used, refused or skipped, and how that ended."""
        use = _valid(shapes.CameraUseSerializer, request.data)
        known_vault(request)
        is_new = record_camera_use(user=signed_in(request), **use)
        return Response(
            shapes.CameraUseSerializer(use).data, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        )


class SessionView(APIView):
    @_describe("show_session", shapes.SessionSerializer)
    def get(self, request: ApiRequest) -> Response:
        """For a page that outlived its session: whether the same person is signed in again, and a fresh token."""
        shown = {"person": get_person_mark(signed_in(request)), "token": get_token(request._request)}
        return Response(shapes.SessionSerializer(shown).data)


class PersonalSettingsView(APIView):
    token_scopes: ClassVar = {"GET": ApiToken.Scope.READ}

    @_describe("show_settings", shapes.PersonalSettingsSerializer)
    def get(self, request: ApiRequest) -> Response:
        return Response(shapes.PersonalSettingsSerializer(selectors.get_personal_settings(signed_in(request))).data)

    @_describe("save_settings", shapes.PersonalSettingsSerializer, 400, request=shapes.PersonalSettingsSerializer)
    def put(self, request: ApiRequest) -> Response:
        chosen = _valid(shapes.PersonalSettingsSerializer, request.data)
        return Response(shapes.PersonalSettingsSerializer(set_ask_first(user=signed_in(request), **chosen)).data)


class RestingFaceView(APIView):
    @_describe("show_resting_face", shapes.RestingFaceSerializer, 423)
    def get(self, request: ApiRequest) -> Response:
        """Whether a resting face was learnt, and how many stills wait to become one."""
        return _show_resting_face(request)

    @_describe("learn_resting_face", shapes.RestingFaceSerializer, 409, 423, request=None)
    def post(self, request: ApiRequest) -> Response:
        """Learn it from the last three resting stills; from now on it is taken off every reading that is shown."""
        learn_face(user=signed_in(request), opened=opened(request))
        return _show_resting_face(request)

    @_describe("forget_resting_face", None, 423, codes=(204,))
    def delete(self, request: ApiRequest) -> Response:
        """Show readings as they were read again."""
        forget_face(user=signed_in(request), opened=opened(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ScheduleView(APIView):
    token_scopes: ClassVar = {"GET": ApiToken.Scope.READ}

    @_describe("show_schedule", shapes.ScheduleSerializer)
    def get(self, request: ApiRequest) -> Response:
        return _show_schedule(request, selectors.get_schedule(signed_in(request)))

    @_describe("save_schedule", shapes.ScheduleSerializer, 400, request=shapes.ScheduleSerializer)
    def put(self, request: ApiRequest) -> Response:
        schedule = save_schedule(user=signed_in(request), **_valid(shapes.ScheduleSerializer, request.data))
        report(signed_in(request), Event.SCHEDULE_CHANGED)
        return _show_schedule(request, schedule)


class PauseView(APIView):
    @_describe("pause_schedule", shapes.ScheduleSerializer, 400, request=shapes.PauseSerializer)
    def post(self, request: ApiRequest) -> Response:
        asked = _valid(shapes.PauseSerializer, request.data)
        minutes = asked.get("minutes")
        until = asked.get("until") if minutes is None else timezone.now() + timedelta(minutes=minutes)
        return _show_schedule(request, pause_schedule(user=signed_in(request), until=until))


class MomentDoneView(APIView):
    @_describe("finish_moment", shapes.ScheduleSerializer, 400, request=shapes.MomentSerializer)
    def post(self, request: ApiRequest) -> Response:
        """A moment was answered or skipped: no page, in whatever tab or browser, asks for it again."""
        moment = _valid(shapes.MomentSerializer, request.data)["moment"]
        return _show_schedule(request, finish_moment(user=signed_in(request), moment=moment))


class ConsentView(APIView):
    token_scopes: ClassVar = {"GET": ApiToken.Scope.READ}

    @_describe("show_consent", shapes.ConsentSerializer)
    def get(self, request: ApiRequest) -> Response:
        """The text, whether it is agreed to, and every receipt."""
        return _show_consent(request)

    @_describe("give_consent", shapes.ConsentSerializer, 400, 409, 423, request=shapes.GiveConsentSerializer)
    def post(self, request: ApiRequest) -> Response:
        known_vault(request)
        give_consent(user=signed_in(request), **_valid(shapes.GiveConsentSerializer, request.data))
        return _show_consent(request)

    @_describe("withdraw_consent", shapes.ConsentSerializer)
    def delete(self, request: ApiRequest) -> Response:
        """Stop agreeing. Snapshots on their way are destroyed unread."""
        withdraw_consent(user=signed_in(request))
        return _show_consent(request)


class EntriesView(APIView):
    @_describe("list_entries", shapes.JournalSerializer, 400, 423, parameters=[shapes.DaysSerializer])
    def get(self, request: ApiRequest) -> Response:
        """The journal of the last days, oldest first, corrections applied."""
        days = _valid(shapes.DaysSerializer, request.query_params)["days"]
        journal = read_displayed_journal(
            signed_in(request), opened(request), since=timezone.now() - timedelta(days=days)
        )
        entries = [
            {"id": entry.id, "kind": entry.data.kind, "at": entry.at, "data": _show_data(journal, entry)}
            for entry in journal.entries
            if not isinstance(entry.data, Correction)
        ]
        shown = {"entries": entries, "damaged": journal.damaged, "withheld": len(journal.withheld)}
        return Response(shapes.JournalSerializer(shown).data)


class EntryView(APIView):
    @_describe("delete_entry", None, 404, 423, codes=(204,))
    def delete(self, request: ApiRequest, entry_id: UUID) -> Response:
        delete_entry(opened(request), entry_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CorrectionView(APIView):
    @_describe(
        "correct_reading",
        shapes.CorrectedSerializer,
        *(400, 404, 423),
        codes=(201,),
        request=shapes.CorrectionSerializer,
    )
    def post(self, request: ApiRequest, entry_id: UUID) -> Response:
        """Say what the face showed. The reading itself stays beside it."""
        vault = opened(request)
        expression = _valid(shapes.CorrectionSerializer, request.data)["expression"]
        return Response({"id": correct_reading(vault, entry_id, expression)}, status=status.HTTP_201_CREATED)


def _valid(shape: type[Serializer[Any]], data: Any) -> dict[str, Any]:
    serializer = shape(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _read_upload(request: ApiRequest) -> tuple[dict[str, Any], list[bytes]]:
    if request.content_type.startswith(MultiPartParser.media_type):
        return _valid(shapes.CaptureQuerySerializer, request.data), [f.read() for f in request.FILES.getlist("frames")]
    # An empty body never reaches the parser.
    frame = request.data if isinstance(request.data, bytes) else b""
    return _valid(shapes.CaptureQuerySerializer, request.query_params), [frame]


def _show_captures(captures: list[Capture], request: ApiRequest) -> list[dict[str, Any]]:
    readings, held = _readings_by_capture(captures, request)
    shown = [
        {
            **{name: getattr(capture, name) for name in ("id", "state", "reason", "trigger", "queued_at")},
            "reading": readings.get(capture.pk),
            "ask_first": capture.pk in held,
            "vault_open": request.opened_vault is not None,
        }
        for capture in captures
    ]
    return list(shapes.CaptureSerializer(shown, many=True).data)


def _readings_by_capture(captures: list[Capture], request: ApiRequest) -> tuple[dict[UUID, dict[str, Any]], set[UUID]]:
    """Readings by capture, and the captures whose reading waits for the person's own word."""
    opened = request.opened_vault
    if opened is None or not any(capture.state == Capture.State.RECORDED for capture in captures):
        return {}, set()
    since = min(capture.queued_at for capture in captures)
    journal = read_displayed_journal(
        signed_in(request), opened, since=max(since, timezone.now() - 2 * selectors.RECENT)
    )
    shown = {
        entry.data.capture: {"entry": entry.id, **_show_reading(entry.data, journal.corrections.get(entry.id))}
        for entry in journal.of(Reading)
    }
    return shown, {entry.data.capture for entry in journal.withheld}


def _show_reading(reading: Reading, corrected: str | None) -> dict[str, Any]:
    named: dict[str, float] = dict(zip(EXPRESSIONS, reading.p or (), strict=False))
    likeliest = max(named, key=lambda name: named[name]) if named and reading.outcome == READING else None
    return {
        "outcome": reading.outcome,
        "expression": likeliest,
        "probabilities": named or None,
        "quality": reading.quality,
        "model": reading.model,
        "corrected": corrected,
    }


def _show_data(journal: DisplayedJournal, entry: AnyEntry) -> dict[str, Any]:
    """With `p_read`, what was read, beside `p` where the resting face was taken off, and the person's own word."""
    beside = {"p_read": journal.as_read.get(entry.id), "corrected": journal.corrections.get(entry.id)}
    return show_data(entry.data) | {name: value for name, value in beside.items() if value is not None}


def _show_resting_face(request: ApiRequest) -> Response:
    shown = {
        "learnt_on": selectors.get_personal_settings(signed_in(request)).resting_face_on,
        "stills": len(get_stills(opened(request))),
        "needed": STILLS,
    }
    return Response(shapes.RestingFaceSerializer(shown).data)


def _show_schedule(request: ApiRequest, schedule: Schedule) -> Response:
    upcoming, until = selectors.get_upcoming(signed_in(request), schedule), schedule.paused_until
    shape = {field.name: getattr(schedule, field.name) for field in Schedule._meta.concrete_fields} | {
        "timezone": schedule.timezone,
        "paused_until": until if until and until > timezone.now() else None,
        "times": [time.fromisoformat(at) for at in schedule.times],
        "next_at": upcoming.moment and upcoming.moment.at,
        "expires_at": upcoming.moment and upcoming.moment.expires_at,
        "why_none": upcoming.why_none,
        "why_wait": upcoming.why_wait,
    }
    return Response(shapes.ScheduleSerializer(shape).data)


def _show_consent(request: ApiRequest) -> Response:
    shape = {
        "live": selectors.get_live_consent(signed_in(request)) is not None,
        "text": CONSENT_TEXT,
        "receipts": selectors.get_consents(signed_in(request)),
    }
    return Response(shapes.ConsentSerializer(shape).data)
