"""The snapshot page, the only one on which the browser lets the camera be asked for, and the settings page."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.decorators import form_only
from accounts.http import SiteRequest, render_local, signed_in
from accounts.models import User
from accounts.selectors import get_person_mark
from emotion import selectors
from emotion.choices import Expression, NoReading
from emotion.schedule import MAX_PER_DAY
from emotion.services.preferences import set_ask_first
from emotion.views.zones import list_zones
from vault.http import VaultRequest
from vault.selectors import has_vault

API_ROOT = "/api/v1/"
GAPS = (15, 30, 45, 60, 90, 120, 180, 240)
EXPIRIES = (5, 10, 15, 30, 45, 60, 120)


class CapturePage(HttpResponse):
    """The only page on which the browser may let the camera be asked for; `PrivacyHeadersMiddleware` tells it."""

    allows_camera = False


@require_GET
def show_capture(request: VaultRequest) -> HttpResponse:
    user = signed_in(request)
    schedule = selectors.get_schedule(user)
    personal = selectors.get_personal_settings(user)
    may_keep, consent, unknown_vault = has_vault(user), selectors.get_live_consent(user), request.unknown_vault()
    may_capture = may_keep and not unknown_vault and consent is not None
    context = {
        "has_vault": may_keep,
        "consent": consent,
        "unknown_vault": unknown_vault,
        "may_capture": may_capture,
        "schedule": schedule,
        "has_foreign_schedule": selectors.has_foreign_schedule(user),
        "weekdays": list(WEEKDAYS_ABBR.items()),
        "per_day": range(1, MAX_PER_DAY + 1),
        "gaps": _with_own(GAPS, schedule.every_minutes),
        "least_gaps": _with_own(GAPS, schedule.min_gap_minutes),
        "expiries": _with_own(EXPIRIES, schedule.expiry_minutes),
        "resting_face_on": personal.resting_face_on,
        "needs_new_stills": selectors.needs_new_stills(personal),
        "page_data": _page_data(user),
    }
    page = CapturePage(render_to_string("emotion/capture.html", context, request))
    page.allows_camera = may_capture
    return page


@require_GET
def show_you(request: SiteRequest) -> HttpResponse:
    user = signed_in(request)
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
    return render_local(request, "emotion/you.html", context)


@form_only
def choose_ask_first(request: SiteRequest) -> HttpResponse:
    ask_first = "ask_first" in request.POST
    set_ask_first(user=signed_in(request), ask_first=ask_first)
    asked, shown = _("You are asked first from now on."), _("Readings are shown at once now.")
    messages.success(request, asked if ask_first else shown)
    return redirect("you")


def _with_own(offered: tuple[int, ...], own: int) -> list[tuple[int, str]]:
    """Minutes and their words, the person's own among them."""
    return [(minutes, _in_words(minutes)) for minutes in sorted({*offered, own})]


def _in_words(minutes: int) -> str:
    if minutes % 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return ngettext("hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}


def _page_data(user: User) -> dict[str, Any]:
    """What the scripts of the page need to know."""
    return {
        "api": API_ROOT,
        "openVault": f"{reverse('vault_open')}?next={reverse('capture')}",
        "signIn": f"{reverse('account_login')}?next={reverse('capture')}",
        "today": f"{reverse('today')}#checkin",
        "person": get_person_mark(user),
        "icon": static("img/icon-192.png"),
        "looks": dict(Expression.choices),
        "outcomes": {reason.value: capfirst(reason.label) for reason in NoReading},
    }
