"""What a person does on their day and in their journal, by its name in the form: one table for every page.

The name is in the body of the request, never in its address, so that no log shows what was done.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _

from accounts.http import signed_in
from accounts.selectors import get_local_now
from core.exceptions import NotFound, WellbeingError
from emotion.services.entries import correct_reading
from recommender.dashboard.forms import (
    AnswerForm,
    CheckInForm,
    CorrectionForm,
    EntryForm,
    MomentForm,
    PickForm,
    TasteForm,
    YesNoForm,
)
from recommender.dashboard.selectors import read_situation_of
from recommender.dashboard.services.checkins import note_camera_kept, record_checkin, record_preferences, skip_checkin
from recommender.dashboard.services.preferences import record_display, record_low_days, record_taste
from recommender.dashboard.services.suggestions import answer_suggestion, choose_activity
from vault.http import VaultRequest, known_vault, opened
from vault.journal.compaction import delete_entry

Told = dict[str, Any]
#: Sealing needs only the public key, of a vault that was opened in this browser before.
LOCKED_TOO: Final = frozenset({"checkin", "skip"})


class Act(NamedTuple):
    """`do` gets the values of the form and `key`, under which the same is noted once."""

    form: type[forms.Form]
    do: Callable[[VaultRequest, Told], object]


class Refused(WellbeingError):
    """What was sent and cannot be done; `form` holds it as it was typed."""

    code = "refused"

    def __init__(self, name: str, form: forms.Form | None, detail: str) -> None:
        super().__init__(detail)
        self.kept = {name: form} if form else {}


def perform(request: VaultRequest) -> None:
    """Do what the body of a POST says. Raises Refused, NotFound, VaultLocked."""
    name = request.POST.get("act", "")
    if name not in ACTS:
        raise Refused(name, None, _("Sorry, that did not come through. Please try again."))
    if name not in LOCKED_TOO:
        opened(request)
    form = ACTS[name].form(request.POST)
    if not form.is_valid():
        texts = dict.fromkeys(str(text) for errors in form.errors.values() for text in errors)
        raise Refused(name, form, " ".join(texts))
    try:
        ACTS[name].do(request, form.cleaned_data | {"key": _read_key(request)})
    except NotFound:
        raise
    except WellbeingError as error:
        raise Refused(name, form, str(error.detail)) from error


def _read_key(request: VaultRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def _check_in(request: VaultRequest, told: Told) -> None:
    known_vault(request)
    record_checkin(user=signed_in(request), **told)


def _skip_check_in(request: VaultRequest, told: Told) -> None:
    known_vault(request)
    skip_checkin(user=signed_in(request), **told)


def _tell_moment(request: VaultRequest, told: Told) -> None:
    user = signed_in(request)
    before = read_situation_of(opened=opened(request), now=get_local_now(user))
    record_preferences(user=user, before=before, **told | {"place": told["place"] or None})


def _tell_taste(request: VaultRequest, told: Told) -> None:
    record_taste(user=signed_in(request), **told)


def _answer_low_days(request: VaultRequest, told: Told) -> None:
    record_low_days(user=signed_in(request), low=told["said"], key=told["key"])


def _keep_camera(request: VaultRequest, told: Told) -> None:
    note_camera_kept(user=signed_in(request), **told)


def _show_trends(request: VaultRequest, told: Told) -> None:
    record_display(user=signed_in(request), trends=told["said"], key=told["key"])


def _choose(request: VaultRequest, told: Told) -> None:
    choose_activity(user=signed_in(request), opened=opened(request), slug=told["slug"])


def _answer(request: VaultRequest, told: Told) -> None:
    ratings = {name: told[name] for name in ("answer", "helped", "before", "after")}
    answer_suggestion(user=signed_in(request), opened=opened(request), suggestion_id=told["suggestion"], **ratings)


def _correct(request: VaultRequest, told: Told) -> None:
    correct_reading(opened(request), told["entry"], told["expression"])


def _delete(request: VaultRequest, told: Told) -> None:
    delete_entry(opened(request), told["entry"])


ACTS: Final[Mapping[str, Act]] = {
    "checkin": Act(CheckInForm, _check_in),
    "skip": Act(forms.Form, _skip_check_in),
    "moment": Act(MomentForm, _tell_moment),
    "taste": Act(TasteForm, _tell_taste),
    "gentler": Act(YesNoForm, _answer_low_days),
    "keep_camera": Act(forms.Form, _keep_camera),
    "trends": Act(YesNoForm, _show_trends),
    "choose": Act(PickForm, _choose),
    "answer": Act(AnswerForm, _answer),
    "correct": Act(CorrectionForm, _correct),
    "delete": Act(EntryForm, _delete),
}
