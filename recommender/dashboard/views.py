"""The dashboard, the journal and the support page. Nothing here takes a person's id: it is always one's own."""

from datetime import date
from functools import wraps
from typing import Any, Final, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import View, safe_next
from accounts.http import render_local, signed_in
from accounts.selectors import get_assumed_zone, get_local_now
from core.exceptions import NotFound, WellbeingError
from core.language import get_language
from emotion.choices import Expression
from emotion.selectors import get_live_consent
from emotion.services.entries import correct_reading
from recommender.catalogue.changes import describe_versions, list_versions
from recommender.choices import Daypart, Felt, Grade, Helped, Limit, Place
from recommender.dashboard import selectors
from recommender.dashboard.forms import AnswerForm, CheckInForm, ChooseForm, CorrectionForm, MomentForm, TasteForm
from recommender.dashboard.page import present_mood, present_trend, present_year
from recommender.dashboard.services.checkins import note_camera_kept, record_checkin, record_preferences, skip_checkin
from recommender.dashboard.services.preferences import record_display, record_low_days, record_taste
from recommender.dashboard.services.suggestions import AnswerInvalid, answer_suggestion, choose_activity
from recommender.dashboard.services.today import read_today
from recommender.wording.moods import tell_agreement
from vault.http import VaultRequest, opened, vault_required
from vault.journal.compaction import delete_entry
from vault.selectors import has_vault

CHANGES_A_PAGE: Final = 30


@never_cache
@require_safe
def today(request: VaultRequest) -> HttpResponse:
    """The mood of the window and what might do good; says what to do first while there is no vault to look into."""
    user = signed_in(request)
    has_consent = get_live_consent(user) is not None
    context: dict[str, Any] = {
        "has_vault": has_vault(user),
        "has_consent": has_consent,
        "is_self_report": not (settings.CAMERA and has_consent),
        "zone": get_assumed_zone(user),
        "checkin": CheckInForm(),
    }
    if request.opened_vault is None:
        return render(request, "recommender/today.html", context)
    return _render_look(request, "recommender/today.html", context)


def change(view: View) -> View:
    """A POST to an opened vault. A locked one is opened first, and the person comes back to the dashboard.

    There they are also told of what was refused.
    """

    @wraps(view)
    def guarded(request: VaultRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.opened_vault is None:
            return redirect(f"{reverse('vault_open')}?{urlencode({'next': reverse('today')})}")
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        except WellbeingError as error:
            messages.error(request, error.detail)
            return redirect("today")

    return cast("View", never_cache(require_POST(guarded)))


@change
def answer(request: VaultRequest, suggestion_id: UUID) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise AnswerInvalid(_("Sorry, that answer did not come through. Please choose one of the buttons again."))
    answer_suggestion(user=signed_in(request), opened=opened(request), suggestion_id=suggestion_id, **form.cleaned_data)
    if request.htmx:
        return _render_look(request, "recommender/_suggestions.html", {"noted": True})
    messages.success(request, _("Noted, thank you."))
    return redirect(reverse("today") + "#suggestions")


@change
def tell_moment(request: VaultRequest) -> HttpResponse:
    """Where, how long, and what to be spared: the suggestions that do not fit make room for others."""
    form = MomentForm(request.POST)
    if form.is_valid():
        situation = selectors.read_situation_of(opened=opened(request), now=get_local_now(signed_in(request)))
        told = form.cleaned_data | {"place": form.cleaned_data["place"] or None}
        record_preferences(user=signed_in(request), before=situation, **told)
    if request.htmx:
        return _render_look(request, "recommender/_suggestions.html", {})
    return redirect(reverse("today") + "#suggestions")


@never_cache
@vault_required
def tell_taste(request: VaultRequest) -> HttpResponse:
    """Three questions, asked on the first visit and to be changed at any time."""
    form = TasteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            record_taste(user=signed_in(request), **form.cleaned_data)
        except WellbeingError as error:
            form.add_error(None, error.detail)
        else:
            messages.success(request, _("Noted, thank you. What you rate later counts more."))
            return redirect(reverse("today") + "#suggestions")
    return render(request, "recommender/taste.html", {"taste": form})


@change
def answer_low_days(request: VaultRequest) -> HttpResponse:
    """The answer changes the tone, never the question alone.

    What is said back waits in the session's row, which is not sealed: it is the same for either answer.
    """
    record_low_days(user=signed_in(request), low=request.POST.get("low") == "yes")
    messages.success(request, _("Noted, thank you. You will not be asked again for a while."))
    return redirect("today")


@never_cache
@require_safe
@vault_required
def choose(request: VaultRequest) -> HttpResponse:
    """The whole catalogue, narrowed by place and minutes."""
    form = ChooseForm(request.GET)
    told = form.cleaned_data if form.is_valid() else {}
    today = get_local_now(signed_in(request)).date()
    found = selectors.find_activities(today=today, place=told.get("place") or None, minutes=told.get("minutes"))
    return render(request, "recommender/choose.html", {"form": form, "activities": found})


@change
def choose_one(request: VaultRequest, slug: str) -> HttpResponse:
    choose_activity(user=signed_in(request), opened=opened(request), slug=slug)
    messages.success(request, _("It is on your page now. Say how it went when you like."))
    return redirect(reverse("today") + "#suggestions")


@never_cache
@require_POST
def check_in(request: VaultRequest) -> HttpResponse:
    """Works with a locked vault too: an entry needs only the public key."""
    form = CheckInForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose both pleasantness and energy."))
        return redirect(reverse("today") + "#checkin")
    try:
        record_checkin(user=signed_in(request), **form.cleaned_data)
    except WellbeingError as error:
        messages.error(request, error.detail)
    else:
        seen = _("Thank you. Your check-in is in your journal.")
        sealed = _("Thank you. Your check-in is sealed into your vault, and opens with it.")
        messages.success(request, seen if request.opened_vault else sealed)
    return redirect(safe_next(request, reverse("today")))


@never_cache
@require_POST
def skip_check_in(request: VaultRequest) -> HttpResponse:
    """Today's readings are shown without a word of one's own before."""
    try:
        skip_checkin(user=signed_in(request))
    except WellbeingError as error:
        messages.error(request, error.detail)
    return redirect(safe_next(request, reverse("today")))


@change
def keep_camera(request: VaultRequest) -> HttpResponse:
    """The offer to switch the camera off was declined; it comes back after a month."""
    note_camera_kept(user=signed_in(request))
    return redirect(reverse("today") + "#agreement")


@never_cache
@require_safe
@vault_required
def journal(request: VaultRequest) -> HttpResponse:
    now = get_local_now(signed_in(request))
    week = selectors.read_week(
        user=signed_in(request),
        opened=opened(request),
        now=now,
        day=_parse_day(request.GET.get("week"), now.date()),
    )
    context = {"week": week, "expressions": Expression.choices}
    return render_local(request, "recommender/journal.html", context, now.tzinfo)


@never_cache
@require_safe
@vault_required
def year(request: VaultRequest) -> HttpResponse:
    """A calendar of one year, a letter and a pattern for each day."""
    now = get_local_now(signed_in(request))
    asked = _parse_year(request.GET.get("year", ""), now.year)
    found = selectors.read_year(user=signed_in(request), opened=opened(request), now=now, year=asked)
    return render_local(
        request,
        "recommender/year.html",
        present_year(found.days, found.year, today=now.date()) | {"year": found},
        now.tzinfo,
    )


@change
def show_trends(request: VaultRequest) -> HttpResponse:
    """Some people are better off without looking at curves: they can be hidden."""
    record_display(user=signed_in(request), trends=request.POST.get("show") == "yes")
    return redirect(safe_next(request, reverse("today")))


@change
def correct(request: VaultRequest, entry_id: UUID) -> HttpResponse:
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose one of the expressions."))
        return redirect(safe_next(request, reverse("today")))
    correct_reading(opened(request), entry_id, form.cleaned_data["expression"])
    messages.success(request, _("Noted: what you say counts."))
    return redirect(safe_next(request, reverse("today")))


@change
def delete(request: VaultRequest, entry_id: UUID) -> HttpResponse:
    delete_entry(opened(request), entry_id)
    messages.success(request, _("Deleted."))
    return redirect(safe_next(request, reverse("today")))


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
def activity(request: VaultRequest, slug: str) -> HttpResponse:
    """What one activity asks for, and what is known of it. The same for everybody."""
    found = selectors.get_live_activity(slug, timezone.localdate())
    if found is None:
        raise Http404
    language = get_language(request)
    context = {
        "activity": found,
        "language": language,
        "grade_explained": Grade(found.evidence_grade).explanation,
        "grades": [(grade.value, grade.explanation) for grade in Grade],
        "places": [Place(place).label for place in found.places],
        "dayparts": [Daypart(part).label for part in found.dayparts],
        "limits": [Limit(limit).label for limit in found.limits],
    }
    with translation.override(language):
        return render(request, "recommender/activity.html", context)


@require_safe
def catalogue_changes(request: VaultRequest) -> HttpResponse:
    """What administrators did to the catalogue. The same for everybody."""
    page = Paginator(list_versions(), CHANGES_A_PAGE).get_page(request.GET.get("page"))
    language = get_language(request)
    with translation.override(language):
        context = {"changes": describe_versions(page), "page": page, "language": language}
        return render(request, "recommender/catalogue_changes.html", context)


def _render_look(request: VaultRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    page = read_today(user=signed_in(request), opened=opened(request))
    shown = {
        "page": page,
        **present_mood(page.mood),
        "agreement_text": tell_agreement(page.agreement),
        "checkin": CheckInForm(),
        **present_trend(page.trend, page.effects, until=page.now.date()),
        "taste": TasteForm() if page.asks_about_taste else None,
        "moment": MomentForm.of(page.situation),
        "helped": Helped.choices,
        "felt": Felt.choices,
        "before_after": (("before", _("Before it I felt")), ("after", _("After it I felt"))),
        "expressions": Expression.choices,
    }
    return render_local(request, template, context | shown, page.now.tzinfo)


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
