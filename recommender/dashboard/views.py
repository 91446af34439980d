"""The dashboard, the journal and the support page. Nothing here takes a person's id: it is always one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, tzinfo
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import safe_next
from accounts.models import User
from core.exceptions import NotFound, WellbeingError
from core.language import get_language
from emotion.selectors import get_assumed_zone, get_live_consent, get_local_now
from emotion.services.corrections import correct_reading
from recommender.dashboard import selectors
from recommender.dashboard.forms import AnswerForm, CheckInForm, ChooseForm, CorrectionForm, MomentForm, TasteForm
from recommender.dashboard.page import present_mood, present_trend, present_year
from recommender.dashboard.services.checkins import note_camera_kept, record_checkin, record_preferences, skip_checkin
from recommender.dashboard.services.preferences import record_display, record_low_days, record_taste
from recommender.dashboard.services.suggestions import AnswerInvalid, answer_suggestion, choose_activity
from recommender.dashboard.services.today import read_today
from recommender.dashboard.wording import (
    DAYPART_NAMES,
    FELT,
    GRADES_EXPLAINED,
    HELPED,
    LIMIT_NAMES,
    NAMES,
    PLACE_NAMES,
    tell_agreement,
)
from vault.decorators import vault_required
from vault.journal.compaction import delete_entry
from vault.journal.entries import OpenedVault

View = Callable[..., HttpResponse]


@never_cache
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The mood of the window and what might do good; says what to do first while there is no vault to look into."""
    user = _user(request)
    has_consent = get_live_consent(user) is not None
    context: dict[str, Any] = {
        "has_vault": getattr(user, "vault", None) is not None,
        "has_consent": has_consent,
        "is_self_report": not (settings.CAMERA and has_consent),
        "zone": get_assumed_zone(user),
        "checkin": CheckInForm(),
    }
    if _opened(request) is None:
        return render(request, "recommender/today.html", context)
    return _render_local(request, "recommender/today.html", context | _look(request))


def change(view: View) -> View:
    """A POST to an opened vault. A locked one is opened first, and the person comes back to the dashboard."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _opened(request) is None:
            return redirect(f"{reverse('vault_open')}?{urlencode({'next': reverse('today')})}")
        return view(request, *args, **kwargs)

    return cast("View", never_cache(require_POST(guarded)))


@change
def answer(request: HttpRequest, suggestion_id: UUID) -> HttpResponse:
    form = AnswerForm(request.POST)
    try:
        if not form.is_valid():
            raise AnswerInvalid("Sorry, that answer did not come through. Please choose one of the buttons again.")
        answer_suggestion(user=_user(request), opened=_vault(request), suggestion_id=suggestion_id, **form.cleaned_data)
    except WellbeingError as error:
        return _refuse(request, error)
    if request.htmx:  # type: ignore[attr-defined]
        return _render_local(request, "recommender/_suggestions.html", _look(request) | {"noted": True})
    messages.success(request, "Noted, thank you.")
    return redirect(reverse("today") + "#suggestions")


@change
def tell_moment(request: HttpRequest) -> HttpResponse:
    """Where, how long, and what to be spared: the suggestions that do not fit make room for others."""
    form = MomentForm(request.POST)
    if form.is_valid():
        situation = selectors.read_situation_of(opened=_vault(request), now=get_local_now(_user(request)))
        told = form.cleaned_data | {"place": form.cleaned_data["place"] or None}
        record_preferences(user=_user(request), before=situation, **told)
    if request.htmx:  # type: ignore[attr-defined]
        return _render_local(request, "recommender/_suggestions.html", _look(request))
    return redirect(reverse("today") + "#suggestions")


@never_cache
@vault_required
def tell_taste(request: HttpRequest) -> HttpResponse:
    """Three questions, asked on the first visit and to be changed at any time."""
    form = _taste_form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            record_taste(user=_user(request), **form.cleaned_data)
        except WellbeingError as error:
            form.add_error(None, error.detail)
        else:
            messages.success(request, "Noted, thank you. What you rate later counts more.")
            return redirect(reverse("today") + "#suggestions")
    return render(request, "recommender/taste.html", {"taste": form})


@change
def answer_low_days(request: HttpRequest) -> HttpResponse:
    """The answer changes the tone, never the question alone.

    What is said back waits in the session's row, which is not sealed: it is the same for either answer.
    """
    record_low_days(user=_user(request), low=request.POST.get("low") == "yes")
    messages.success(request, "Noted, thank you. You will not be asked again for a while.")
    return redirect("today")


@never_cache
@require_safe
@vault_required
def choose(request: HttpRequest) -> HttpResponse:
    """The whole catalogue, narrowed by place and minutes."""
    form = ChooseForm(request.GET)
    told = form.cleaned_data if form.is_valid() else {}
    today = get_local_now(_user(request)).date()
    found = selectors.find_activities(today=today, place=told.get("place") or None, minutes=told.get("minutes"))
    return render(request, "recommender/choose.html", {"form": form, "activities": found})


@change
def choose_one(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        choose_activity(user=_user(request), opened=_vault(request), slug=slug)
    except WellbeingError as error:
        return _refuse(request, error)
    messages.success(request, "It is on your page now. Say how it went when you like.")
    return redirect(reverse("today") + "#suggestions")


@never_cache
@require_POST
def check_in(request: HttpRequest) -> HttpResponse:
    """Works with a locked vault too: an entry needs only the public key."""
    form = CheckInForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Please choose both pleasantness and energy.")
        return redirect(reverse("today") + "#checkin")
    try:
        record_checkin(user=_user(request), **form.cleaned_data)
    except WellbeingError as error:
        messages.error(request, error.detail)
    else:
        where = "in your journal" if _opened(request) else "sealed into your vault, and opens with it"
        messages.success(request, f"Thank you. Your check-in is {where}.")
    return redirect(safe_next(request, reverse("today")))


@never_cache
@require_POST
def skip_check_in(request: HttpRequest) -> HttpResponse:
    """Today's readings are shown without a word of one's own before."""
    try:
        skip_checkin(user=_user(request))
    except WellbeingError as error:
        messages.error(request, error.detail)
    return redirect(safe_next(request, reverse("today")))


@change
def keep_camera(request: HttpRequest) -> HttpResponse:
    """The offer to switch the camera off was declined; it comes back after a month."""
    note_camera_kept(user=_user(request))
    return redirect(reverse("today") + "#agreement")


@never_cache
@require_safe
@vault_required
def journal(request: HttpRequest) -> HttpResponse:
    now = get_local_now(_user(request))
    week = selectors.read_week(
        user=_user(request),
        opened=_vault(request),
        now=now,
        day=_parse_day(request.GET.get("week"), now.date()),
    )
    return _render_local(request, "recommender/journal.html", {"week": week, "expressions": NAMES.items()}, now.tzinfo)


@never_cache
@require_safe
@vault_required
def year(request: HttpRequest) -> HttpResponse:
    """A calendar of one year, a letter and a pattern for each day."""
    now = get_local_now(_user(request))
    asked = _parse_year(request.GET.get("year", ""), now.year)
    found = selectors.read_year(user=_user(request), opened=_vault(request), now=now, year=asked)
    return _render_local(
        request,
        "recommender/year.html",
        present_year(found.days, found.year, today=now.date()) | {"year": found},
        now.tzinfo,
    )


@change
def show_trends(request: HttpRequest) -> HttpResponse:
    """Some people are better off without looking at curves: they can be hidden."""
    record_display(user=_user(request), trends=request.POST.get("show") == "yes")
    return redirect(safe_next(request, reverse("today")))


@change
def correct(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Please choose one of the expressions.")
        return redirect(safe_next(request, reverse("today")))
    try:
        correct_reading(_vault(request), entry_id, form.cleaned_data["expression"])
    except WellbeingError as error:
        return _refuse(request, error)
    messages.success(request, "Noted: what you say counts.")
    return redirect(safe_next(request, reverse("today")))


@change
def delete(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    try:
        delete_entry(_vault(request), entry_id)
    except WellbeingError as error:
        return _refuse(request, error)
    messages.success(request, "Deleted.")
    return redirect(safe_next(request, reverse("today")))


@login_not_required
@require_safe
def support(request: HttpRequest) -> HttpResponse:
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
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    """What one activity asks for, and what is known of it. The same for everybody."""
    found = selectors.get_live_activity(slug, timezone.localdate())
    if found is None:
        raise Http404
    language = get_language(request)
    context = {
        "activity": found,
        "language": language,
        "grade_explained": GRADES_EXPLAINED[found.evidence_grade],
        "grades": GRADES_EXPLAINED.items(),
        "places": [PLACE_NAMES[place] for place in found.places],
        "dayparts": [DAYPART_NAMES[part] for part in found.dayparts],
        "limits": [LIMIT_NAMES[limit] for limit in found.limits],
    }
    with translation.override(language):
        return render(request, "recommender/activity.html", context)


def _look(request: HttpRequest) -> dict[str, Any]:
    page = read_today(user=_user(request), opened=_vault(request))
    return {
        "page": page,
        **present_mood(page.mood),
        "agreement_text": tell_agreement(page.agreement),
        "checkin": CheckInForm(),
        **present_trend(page.trend, page.effects, until=page.now.date()),
        "taste": _taste_form(None) if page.asks_about_taste else None,
        "moment": MomentForm.of(page.situation),
        "helped": sorted(HELPED.items()),
        "felt": sorted(FELT.items()),
        "before_after": (("before", "Before it I felt"), ("after", "After it I felt")),
        "expressions": NAMES.items(),
    }


def _taste_form(data: Any) -> TasteForm:
    return TasteForm(data, kinds=[(kind.slug, kind.name) for kind in selectors.get_categories()])


def _render_local(
    request: HttpRequest, template: str, context: dict[str, Any], zone: tzinfo | None = None
) -> HttpResponse:
    """Times on the page are those of the person, not of the server."""
    with timezone.override(zone or context["page"].now.tzinfo):
        return render(request, template, context)


def _refuse(request: HttpRequest, error: WellbeingError) -> HttpResponse:
    if isinstance(error, NotFound):
        raise Http404 from error
    messages.error(request, error.detail)
    return redirect("today")


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


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _opened(request: HttpRequest) -> OpenedVault | None:
    return cast("OpenedVault | None", request.opened_vault)  # type: ignore[attr-defined]


def _vault(request: HttpRequest) -> OpenedVault:
    """Behind `vault_required` or `change`."""
    return cast("OpenedVault", request.opened_vault)  # type: ignore[attr-defined]
