"""Pages that belong to nobody: the landing page, privacy, and what goes wrong."""

import sys
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import defaults

from emotion.models import CameraDeclaration

_AGAIN_SECONDS: Final = 5
#: allauth's limits count by the minute; that on wrong passwords says so in its form.
_LIMIT_SECONDS: Final = 60


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("today")
    return render(request, "wellbeing/home.html")


@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    declaration = CameraDeclaration.latest() if settings.CAMERA else None
    return render(request, "wellbeing/privacy.html", {"declaration": declaration})


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "wellbeing/csrf_failure.html", status=403)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = str(_LIMIT_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke. While a database is away or busy it is a 503, and whoever asked may ask again soon."""
    response = defaults.server_error(request)
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response.status_code = 503
        response.headers["Retry-After"] = str(_AGAIN_SECONDS)
    return response
