"""The snapshot page, the only one on which the browser lets the camera be asked for, and the settings page."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.selectors import get_local_now, get_person_mark
from emotion import selectors
from emotion.schedule import MAX_PER_DAY
from emotion.services.preferences import set_ask_first
from emotion.views.zones import list_zones
from vault.models import Vault

API_ROOT = "/api/v1/"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
GAPS = (15, 30, 45, 60, 90, 120, 180, 240)
EXPIRIES = (5, 10, 15, 30, 45, 60, 120)


@require_GET
def show_capture(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    schedule = selectors.get_schedule(user)
    personal = selectors.get_personal_settings(user)
    has_vault = Vault.objects.filter(user=user).exists()
    consent = selectors.get_live_consent(user)
    context = {
        "has_vault": has_vault,
        "consent": consent,
        "may_capture": has_vault and consent is not None,
        "schedule": schedule,
        "weekdays": list(enumerate(WEEKDAYS)),
        "per_day": range(1, MAX_PER_DAY + 1),
        "gaps": _with_own(GAPS, schedule.every_minutes),
        "least_gaps": _with_own(GAPS, schedule.min_gap_minutes),
        "expiries": _with_own(EXPIRIES, schedule.expiry_minutes),
        "resting_face_on": personal.resting_face_on,
        "needs_new_stills": selectors.needs_new_stills(personal),
        "page_data": _page_data(user),
    }
    response = render(request, "emotion/capture.html", context)
    response.allows_camera = context["may_capture"]  # type: ignore[attr-defined]
    return response


@require_GET
def show_you(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    schedule = selectors.get_schedule(user)
    upcoming = selectors.get_upcoming(user, schedule)
    context = {
        "consent": selectors.get_live_consent(user),
        "schedule": schedule,
        "next_at": upcoming.moment and upcoming.moment.at,
        "why_none": upcoming.why_none,
        "personal": selectors.get_personal_settings(user),
        "zone": schedule.timezone,
        "zones": list_zones(),
        "idle_minutes": settings.VAULT_IDLE_SECONDS // 60,
        "has_organisation_sign_in": bool(settings.OIDC_ISSUER),
    }
    with timezone.override(get_local_now(user).tzinfo):
        return render(request, "emotion/you.html", context)


@require_POST
def choose_ask_first(request: HttpRequest) -> HttpResponse:
    ask_first = "ask_first" in request.POST
    set_ask_first(user=cast("User", request.user), ask_first=ask_first)
    messages.success(request, "You are asked first from now on." if ask_first else "Readings are shown at once now.")
    return redirect("you")


def _with_own(offered: tuple[int, ...], own: int) -> list[tuple[int, str]]:
    """Minutes and their words, the person's own among them."""
    return [(minutes, _in_words(minutes)) for minutes in sorted({*offered, own})]


def _in_words(minutes: int) -> str:
    if minutes % 60:
        return f"{minutes} minutes"
    return "hour" if minutes == 60 else f"{minutes // 60} hours"


def _page_data(user: User) -> dict[str, str]:
    """What the scripts of the page need to know."""
    return {
        "api": API_ROOT,
        "openVault": f"{reverse('vault_open')}?next={reverse('capture')}",
        "signIn": f"{reverse('account_login')}?next={reverse('capture')}",
        "today": f"{reverse('today')}#checkin",
        "person": get_person_mark(user),
        "icon": static("img/icon-192.png"),
    }
