"""One shape for every API error: `{"code", "detail"}`."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.exceptions import Unavailable, WellbeingError

logger = logging.getLogger(__name__)


class ErrorSerializer(serializers.Serializer[Any]):
    """The body of every refusal."""

    code = serializers.CharField()
    detail = serializers.CharField()


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. Field errors of an invalid body are under `fields`."""
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("the database did not answer: %s", type(error).__name__)
        error = Unavailable()
    if isinstance(error, WellbeingError):
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else None
        return Response({"code": error.code, "detail": str(error.detail)}, status=error.status, headers=headers)
    response = exception_handler(error, context)
    if response is not None:
        response.data = _shape(error, response.data)
    return response


def _shape(error: Exception, data: Any) -> dict[str, Any]:
    if isinstance(error, Http404):
        return {"code": "not_found", "detail": _("There is nothing here.")}
    if isinstance(error, PermissionDenied):
        return {"code": "permission_denied", "detail": _("This is not for you to do.")}
    if isinstance(error, exceptions.ValidationError):
        return {"code": "invalid", "detail": _("Some of what was sent does not fit."), "fields": data}
    if isinstance(error, exceptions.APIException):
        codes = error.get_codes()
        return {"code": codes if isinstance(codes, str) else "error", "detail": str(error.detail)}
    return {"code": "error", "detail": str(data)}
