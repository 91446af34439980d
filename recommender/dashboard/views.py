"""The dashboard, the journal and the support page. Nothing here takes a person's id: it is always one's own."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any, Final, cast
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import View, page_of
from accounts.http import render_local, signed_in
from accounts.selectors import get_assumed_zone, get_local_now
from core.exceptions import NotFound, VaultLocked
from core.language import get_language
from emotion.choices import Expression
from emotion.selectors import get_live_consent
from recommender.catalogue.changes import describe_versions, list_versions
from recommender.choices import Felt, Grade, Helped
from recommender.dashboard import selectors
from recommender.dashboard.acts import Refused, perform
from recommender.dashboard.forms import CheckInForm, ChooseForm, MomentForm, TasteForm
from recommender.dashboard.page import present_mood, present_trend, present_year
from recommender.dashboard.services.today import read_today
from recommender.wording.moods import tell_agreement
from vault.http import VaultRequest, opened, vault_required
from vault.selectors import has_vault

CHANGES_A_PAGE: Final = 30
#: Forms of a page, by their act, that were sent and could not be done.
Kept = Mapping[str, forms.Form]


def takes_acts(show: Callable[[VaultRequest, Kept], HttpResponse]) -> View:
    """A POST does what its body says, whichever page it is sent to, and leads back here, the same way for everything.

    htmx, and whoever sent what cannot be done, gets the page at once: no word about it is kept until the next one.
    """

    @wraps(show)
    def page(request: VaultRequest) -> HttpResponse:
        if request.method != "POST":
            return show(request, {})
        try:
            perform(request)
        except NotFound as error:
            raise Http404 from error
        except VaultLocked:
            return redirect(f"{reverse('vault_open')}?{urlencode({'next': page_of(request)})}")
        except Refused as error:
            messages.error(request, error.detail)
            return show(request, error.kept)
        messages.success(request, _("Noted, thank you."))
        return show(request, {}) if request.htmx else HttpResponseRedirect(request.get_full_path())

    return cast("View", never_cache(require_http_methods(["GET", "HEAD", "POST"])(page)))


@takes_acts
def today(request: VaultRequest, kept: Kept) -> HttpResponse:
    """The mood of the window and what might do good; says what to do first while there is no vault to look into."""
    user = signed_in(request)
    has_consent = get_live_consent(user) is not None
    context: dict[str, Any] = {
        "has_vault": has_vault(user),
        "has_consent": has_consent,
        "is_self_report": not (settings.CAMERA and has_consent),
        "zone": get_assumed_zone(user),
        "key": uuid4(),
        "checkin": CheckInForm(),
    }
    if request.opened_vault is None:
        context["unknown_vault"] = request.unknown_vault()
        return render(request, "recommender/today.html", {**context, **kept})
    page = read_today(user=user, opened=request.opened_vault)
    shown = {
        "page": page,
        **present_mood(page.mood),
        "agreement_text": tell_agreement(page.agreement),
        **present_trend(page.trend, page.effects, until=page.now.date()),
        "taste": TasteForm() if page.asks_about_taste else None,
        "moment": MomentForm.of(page.situation),
        "helped": Helped.choices,
        "felt": Felt.choices,
        "before_after": (("before", _("Before it I felt")), ("after", _("After it I felt"))),
        "expressions": Expression.choices,
    }
    return render_local(request, "recommender/today.html", {**context, **shown, **kept}, page.now.tzinfo)


@never_cache
@require_safe
@vault_required
def ask_taste(request: VaultRequest) -> HttpResponse:
    """Three questions, asked on the first visit and to be changed at any time."""
    return render(request, "recommender/taste.html", {"taste": TasteForm(), "key": uuid4()})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def activities(request: VaultRequest) -> HttpResponse:
    """The whole catalogue on one page, the same for everybody: nothing outside the browser knows which one is read.

    What does not fit the place and minutes that were told, here or on the day, is hidden and not left out.
    """
    now, language = get_local_now(signed_in(request)), get_language(request)
    form = ChooseForm(request.POST if request.method == "POST" else _tell_situation(request, now))
    told = form.cleaned_data if form.is_valid() else {}
    found = selectors.get_offered_activities(now.date())
    fitting = [activity for activity in found if selectors.fits(activity, **told)]
    context = {
        "form": form,
        "activities": found,
        "fitting": {activity.slug for activity in fitting},
        "fitting_kinds": {activity.category_id for activity in fitting},
        "language": language,
        "grades": [(grade.value, grade.explanation) for grade in Grade],
        "key": uuid4(),
    }
    with translation.override(language):
        return render(request, "recommender/activities.html", context)


def _tell_situation(request: VaultRequest, now: datetime) -> dict[str, Any]:
    """Place and minutes as they were told today, for the form."""
    if request.opened_vault is None:
        return {}
    situation = selectors.read_situation_of(opened=request.opened_vault, now=now)
    return {"place": situation.place or "", "minutes": situation.minutes or ""}


@takes_acts
@vault_required
def journal(request: VaultRequest, kept: Kept) -> HttpResponse:
    now = get_local_now(signed_in(request))
    week = selectors.read_week(
        user=signed_in(request),
        opened=opened(request),
        now=now,
        day=_parse_day(request.GET.get("week"), now.date()),
    )
    context = {"week": week, "expressions": Expression.choices, "key": uuid4()}
    return render_local(request, "recommender/journal.html", context, now.tzinfo)


@takes_acts
@vault_required
def year(request: VaultRequest, kept: Kept) -> HttpResponse:
    """A calendar of one year, a letter and a pattern for each day."""
    now = get_local_now(signed_in(request))
    asked = _parse_year(request.GET.get("year", ""), now.year)
    found = selectors.read_year(user=signed_in(request), opened=opened(request), now=now, year=asked)
    return render_local(
        request,
        "recommender/year.html",
        present_year(found.days, found.year, today=now.date()) | {"year": found, "key": uuid4()},
        now.tzinfo,
    )


@login_not_required
@require_safe
def support(request: VaultRequest) -> HttpResponse:
    """For anybody, signed in or not, and without script."""
    language = get_language(request)
    context = {
        "countries": selectors.get_support_contacts(language),
        "activities": selectors.get_crisis_activities(timezone.localdate()),
        "language": language,
    }
    with translation.override(language):
        return render(request, "recommender/support.html", context)


@require_safe
def catalogue_changes(request: VaultRequest) -> HttpResponse:
    """What administrators did to the catalogue. The same for everybody."""
    page = Paginator(list_versions(), CHANGES_A_PAGE).get_page(request.GET.get("page"))
    language = get_language(request)
    with translation.override(language):
        context = {"changes": describe_versions(page), "page": page, "language": language}
        return render(request, "recommender/catalogue_changes.html", context)


def _parse_day(text: str | None, default: date) -> date:
    """A day no later than `default` and far enough from the beginning of time to go back a week."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return default
    return min(day, default) if day.year > 1970 else default


def _parse_year(text: str, default: int) -> int:
    """A year no later than `default` and after 1970."""
    year = int(text) if text.isdecimal() and len(text) <= len("2026") else default
    return year if 1970 < year <= default else default
