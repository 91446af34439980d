"""The snapshot page, the only one on which the browser lets the camera be asked for, and the settings page."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from emotion import selectors
from emotion.models import Vault
from emotion.schedule import MAX_GAP_MINUTES, MIN_GAP_MINUTES
from wellbeing.models import User

API_ROOT = "/api/v1/"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
GAPS = tuple(
    (minutes, f"{minutes} minutes" if minutes < 60 else "hour" if minutes == 60 else f"{minutes // 60} hours")
    for minutes in (15, 30, 45, 60, 120, 180, 240, 480)
    if MIN_GAP_MINUTES <= minutes <= MAX_GAP_MINUTES
)


@require_GET
def show_capture(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    schedule = selectors.get_schedule(user)
    has_vault = Vault.objects.filter(user=user).exists()
    consent = selectors.get_live_consent(user)
    context = {
        "has_vault": has_vault,
        "consent": consent,
        "may_capture": has_vault and consent is not None,
        "schedule": schedule,
        "weekdays": list(enumerate(WEEKDAYS)),
        "gaps": GAPS if schedule.every_minutes in dict(GAPS) else _with_own(schedule.every_minutes),
        "page_data": _page_data(),
    }
    response = render(request, "emotion/capture.html", context)
    response.allows_camera = context["may_capture"]  # type: ignore[attr-defined]
    return response


@require_GET
def show_you(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    schedule = selectors.get_schedule(user)
    next_at, why_none = selectors.get_next_at(user, schedule)
    context = {
        "consent": selectors.get_live_consent(user),
        "schedule": schedule,
        "next_at": next_at,
        "why_none": why_none,
        "idle_minutes": settings.VAULT_IDLE_SECONDS // 60,
        "has_organisation_sign_in": bool(settings.OIDC_ISSUER),
    }
    return render(request, "emotion/you.html", context)


def _with_own(minutes: int) -> tuple[tuple[int, str], ...]:
    return tuple(sorted((*GAPS, (minutes, f"{minutes} minutes"))))


def _page_data() -> dict[str, str]:
    """What the scripts of the page need to know."""
    return {"api": API_ROOT, "openVault": f"{reverse('vault_open')}?next={reverse('capture')}"}
