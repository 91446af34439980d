"""Pages that belong to nobody: the landing page, privacy, and what goes wrong."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from wellbeing.models import CameraDeclaration


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
