"""The time zone a person lives in: it says when their day begins, and what is an evening."""

from functools import cache
from itertools import groupby
from typing import Final
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.decorators import form_only, safe_next
from accounts.http import SiteRequest, signed_in
from emotion.services.schedules import TimezoneUnknown, set_timezone

_AREAS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


@form_only
def choose_timezone(request: SiteRequest) -> HttpResponse:
    zone = request.POST.get("timezone", "")
    try:
        set_timezone(user=signed_in(request), zone=zone)
    except TimezoneUnknown as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Noted. Days and times are those of %(zone)s now.") % {"zone": tell_zone(zone)})
    return redirect(safe_next(request, reverse("you")))


def tell_zone(zone: str) -> str:
    return zone.replace("_", " ")


@cache
def list_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Zones and their words, by area; those without one (UTC, and names of old) are left out."""
    zones = sorted(zone for zone in available_timezones() if zone.split("/")[0] in _AREAS)
    return [
        (area, [(zone, tell_zone(zone.partition("/")[2])) for zone in group])
        for area, group in groupby(zones, key=lambda zone: zone.split("/")[0])
    ]
