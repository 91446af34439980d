"""The signed-in person's mood and suggestions; 423 `vault_locked` while their vault is closed."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import signed_in
from accounts.models import ApiToken
from accounts.selectors import get_local_now
from core.api_errors import ErrorSerializer
from recommender.dashboard import selectors
from recommender.dashboard.api.serializers import (
    CheckInSerializer,
    FeedbackSerializer,
    MoodSerializer,
    NotedSerializer,
    SuggestionSerializer,
)
from recommender.dashboard.services.checkins import record_checkin, skip_checkin
from recommender.dashboard.services.suggestions import answer_suggestion
from recommender.dashboard.services.today import read_today
from vault.http import ApiRequest, known_vault, opened
from vault.journal.entries import OpenedVault
from vault.selectors import get_vault

_CLOSED = {409: ErrorSerializer, 423: ErrorSerializer}


class MoodView(APIView):
    @extend_schema(operation_id="mood", responses={200: MoodSerializer, **_CLOSED})
    def get(self, request: ApiRequest) -> Response:
        """The mood of the window up to now."""
        mood = selectors.read_mood(
            user=signed_in(request), opened=_opened(request), now=get_local_now(signed_in(request))
        )
        with timezone.override(mood.until.tzinfo):
            return _private(MoodSerializer(mood).data)


class SuggestionsView(APIView):
    @extend_schema(operation_id="suggestions", responses={200: SuggestionSerializer(many=True), **_CLOSED})
    def get(self, request: ApiRequest) -> Response:
        """Today's open suggestions. The first look of a day chooses them; later ones show the same."""
        page = read_today(user=signed_in(request), opened=_opened(request))
        with timezone.override(page.now.tzinfo):
            return _private(SuggestionSerializer(page.suggestions, many=True, context={"request": request}).data)


class CheckInsView(APIView):
    token_scopes: ClassVar = {"POST": ApiToken.Scope.CHECK_IN}

    @extend_schema(
        operation_id="check_in",
        request=CheckInSerializer,
        responses={201: NotedSerializer, 400: ErrorSerializer, **_CLOSED},
    )
    def post(self, request: ApiRequest) -> Response:
        """Say how it is going. Works with a locked vault that was opened here: sealing needs the public key alone."""
        known_vault(request)
        body = CheckInSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        entry = record_checkin(user=signed_in(request), **cast("dict[str, Any]", body.validated_data))
        return _private(NotedSerializer({"id": entry}).data, status.HTTP_201_CREATED)


class SkipCheckInView(APIView):
    token_scopes: ClassVar = {"POST": ApiToken.Scope.CHECK_IN}

    @extend_schema(operation_id="skip_check_in", request=None, responses={201: NotedSerializer, **_CLOSED})
    def post(self, request: ApiRequest) -> Response:
        """Rather not say today: readings that waited for a check-in are shown."""
        known_vault(request)
        return _private(NotedSerializer({"id": skip_checkin(user=signed_in(request))}).data, status.HTTP_201_CREATED)


class FeedbackView(APIView):
    @extend_schema(
        operation_id="answer_suggestion",
        request=FeedbackSerializer,
        responses={200: FeedbackSerializer, 400: ErrorSerializer, 404: ErrorSerializer, **_CLOSED},
    )
    def post(self, request: ApiRequest, suggestion_id: UUID) -> Response:
        """Answer a suggestion of the last month. The same answer twice is noted once; the latest counts."""
        opened = _opened(request)
        body = FeedbackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        answer_suggestion(
            user=signed_in(request),
            opened=opened,
            suggestion_id=suggestion_id,
            **cast("dict[str, Any]", body.validated_data),
        )
        return _private(body.data)


def _opened(request: ApiRequest) -> OpenedVault:
    """Raises VaultRequired, VaultLocked."""
    if request.opened_vault is None:
        get_vault(signed_in(request))
    return opened(request)


def _private(data: Any, code: int = status.HTTP_200_OK) -> Response:
    return Response(data, status=code, headers={"Cache-Control": "no-store"})
