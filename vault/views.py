"""The vault's pages: make, open, lock, change, recover, erase. Each concerns the signed-in person's vault alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import reauthentication_required, safe_next
from accounts.models import User
from accounts.user_agents import name_browser
from core.exceptions import WellbeingError
from vault.crypto.passphrases import suggest_passphrase
from vault.dependants import VaultBusy
from vault.forms import (
    ERASE_WORDS,
    ChangeForm,
    CodeCheckForm,
    EraseForm,
    KeepForm,
    NewPassphraseForm,
    OpenForm,
    RecoverForm,
)
from vault.journal.compaction import compact_inbox
from vault.journal.kinds import Event
from vault.journal.retention import keep_days
from vault.models import Vault
from vault.services import lifecycle, rekey
from vault.services.audit import record_event
from vault.session import close_vault, drop_draft, hold_draft, hold_open, keep_awake, load_draft

View = Callable[[HttpRequest], HttpResponse]


def secret_page(view: View) -> View:
    """A page that takes or shows a secret: GET and POST, in no cache, and in no error report."""
    guarded = never_cache(sensitive_post_parameters()(sensitive_variables()(view)))
    return wraps(view)(require_http_methods(["GET", "HEAD", "POST"])(guarded))


@never_cache
@require_GET
def show_vault(request: HttpRequest) -> HttpResponse:
    vault = _vault(request)
    if vault is None:
        return redirect("vault_code" if load_draft(request) else "vault_new")
    context = {
        "vault": vault,
        "has_draft": load_draft(request) is not None,
        "idle_minutes": _idle_minutes(),
        "keep": KeepForm(initial={"days": keep_days(vault)}),
    }
    return render(request, "vault/vault.html", context)


@secret_page
def make_vault(request: HttpRequest) -> HttpResponse:
    if _vault(request):
        return redirect("vault")
    form = NewPassphraseForm(request.POST or None)
    form.fields["new_passphrase"].label = "Passphrase"
    context = {"suggestion": suggest_passphrase()}
    if not form.is_valid():
        return _show(request, "new", form, context)
    try:
        draft = lifecycle.draft_vault(user=_user(request), passphrase=form.cleaned_data["new_passphrase"])
    except WellbeingError as error:
        return _refuse(request, "new", form, error, context)
    hold_draft(request, draft.to_bytes())
    return redirect("vault_code")


@secret_page
def show_recovery_code(request: HttpRequest) -> HttpResponse:
    """The code of a vault in the making; a POST gives it up."""
    if request.method == "POST":
        drop_draft(request)
        messages.info(request, "Nothing was changed.")
        return redirect("vault")
    draft = _draft(request)
    if draft is None:
        return redirect("vault")
    return render(request, "vault/code.html", {"draft": draft})


@secret_page
def check_recovery_code(request: HttpRequest) -> HttpResponse:
    """Only here does a new vault, or a recovered one's new lock, come to be."""
    draft = _draft(request)
    if draft is None:
        return redirect("vault")
    form = CodeCheckForm(request.POST or None, recovery_code=draft.recovery_code)
    if not form.is_valid():
        return _show(request, "code_check", form)
    try:
        keep = rekey.keep_renewed if draft.former else lifecycle.keep_vault
        opened = keep(user=_user(request), draft=draft)
    except VaultBusy as error:
        # The draft stays: its code is on paper already, and good in a minute.
        messages.error(request, error.detail)
        return redirect("vault_code_check")
    except WellbeingError as error:
        drop_draft(request)
        messages.error(request, error.detail)
        return redirect("vault")
    drop_draft(request)
    hold_open(request, opened)
    record_event(user=_user(request), event=_event_of(draft))
    messages.success(
        request, "Your vault is ready, and open." if draft.is_new else "Your vault has new keys, and is open."
    )
    return redirect("home")


@secret_page
def open_vault(request: HttpRequest) -> HttpResponse:
    target = safe_next(request, reverse("home"))
    if request.opened_vault:  # type: ignore[attr-defined]
        return redirect(target)
    if _vault(request) is None:
        return redirect("vault")
    form = OpenForm(request.POST or None)
    context = {"next": target, "was_away": "away" in request.GET, "idle_minutes": _idle_minutes()}
    if not form.is_valid():
        return _show(request, "open", form, context)
    try:
        opened = lifecycle.open_vault(user=_user(request), passphrase=form.cleaned_data["passphrase"])
    except WellbeingError as error:
        _note_refusal(request, error)
        return _refuse(request, "open", form, error, context)
    hold_open(request, opened)
    record_event(user=_user(request), event="vault_opened", detail=_browser(request))
    return redirect(target)


@require_POST
def lock_vault(request: HttpRequest) -> HttpResponse:
    """The last chance to fold what came since: once locked, rows of the inbox show their day until it is opened."""
    opened = request.opened_vault  # type: ignore[attr-defined]
    if opened is not None:
        compact_inbox(opened, settled_after=timedelta(0))
    close_vault(request)
    messages.info(request, "Your vault is locked.")
    return redirect("vault_open")


@require_POST
def stay_awake(request: HttpRequest) -> HttpResponse:
    """Called by an open page while somebody moves in it. 423 once the vault is locked."""
    opened = request.opened_vault  # type: ignore[attr-defined]
    if opened is None:
        return HttpResponse(status=423)
    keep_awake(request, opened)
    return HttpResponse(status=204)


@secret_page
@reauthentication_required
def change_passphrase(request: HttpRequest) -> HttpResponse:
    if _vault(request) is None:
        return redirect("vault")
    form = ChangeForm(request.POST or None)
    if not form.is_valid():
        return _show(request, "passphrase", form, {"suggestion": suggest_passphrase()})
    try:
        lifecycle.change_passphrase(
            user=_user(request),
            passphrase=form.cleaned_data["passphrase"],
            new_passphrase=form.cleaned_data["new_passphrase"],
        )
    except WellbeingError as error:
        _note_refusal(request, error)
        return _refuse(request, "passphrase", form, error, {"suggestion": suggest_passphrase()})
    record_event(user=_user(request), event="passphrase_changed")
    messages.success(request, "Your new passphrase counts from now on. The recovery code stays the same.")
    return redirect("vault")


@secret_page
@reauthentication_required
def recover_vault(request: HttpRequest) -> HttpResponse:
    if _vault(request) is None:
        return redirect("vault")
    form = RecoverForm(request.POST or None)
    if not form.is_valid():
        return _show(request, "recover", form, {"suggestion": suggest_passphrase()})
    try:
        draft = lifecycle.recover_vault(
            user=_user(request), code=form.cleaned_data["code"], passphrase=form.cleaned_data["new_passphrase"]
        )
    except WellbeingError as error:
        _note_refusal(request, error)
        return _refuse(request, "recover", form, error, {"suggestion": suggest_passphrase()})
    hold_draft(request, draft.to_bytes())
    return redirect("vault_code")


@secret_page
@reauthentication_required
def renew_vault(request: HttpRequest) -> HttpResponse:
    """For who thinks that somebody knows a key of theirs."""
    if _vault(request) is None:
        return redirect("vault")
    form = ChangeForm(request.POST or None)
    if not form.is_valid():
        return _show(request, "renew", form, {"suggestion": suggest_passphrase()})
    try:
        draft = rekey.draft_renewal(
            user=_user(request),
            passphrase=form.cleaned_data["passphrase"],
            new_passphrase=form.cleaned_data["new_passphrase"],
        )
    except WellbeingError as error:
        _note_refusal(request, error)
        return _refuse(request, "renew", form, error, {"suggestion": suggest_passphrase()})
    hold_draft(request, draft.to_bytes())
    return redirect("vault_code")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def erase_vault(request: HttpRequest) -> HttpResponse:
    if _vault(request) is None:
        return redirect("vault")
    form = EraseForm(request.POST or None)
    if not form.is_valid():
        return _show(request, "erase", form, {"words": ERASE_WORDS})
    lifecycle.erase_vault(user=_user(request))
    close_vault(request)
    drop_draft(request)
    messages.success(request, "Everything in your vault is gone for good. You can start a new one whenever you like.")
    return redirect("vault_new")


def _show(
    request: HttpRequest, page: str, form: forms.Form, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    return render(request, f"vault/{page}.html", {"form": form, **(context or {})}, status=status)


def _refuse(
    request: HttpRequest, page: str, form: forms.Form, error: WellbeingError, context: dict[str, Any] | None = None
) -> HttpResponse:
    form.add_error("new_passphrase" if isinstance(error, lifecycle.WeakPassphrase) else None, error.detail)
    response = _show(request, page, form, context, status=error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _note_refusal(request: HttpRequest, error: WellbeingError) -> None:
    """A wrong passphrase or code, whoever typed it, is for the owner to know."""
    if isinstance(error, lifecycle.WrongPassphrase):
        record_event(user=_user(request), event="vault_refused", detail=_browser(request))


def _event_of(draft: lifecycle.VaultDraft) -> Event:
    if draft.former:
        return "vault_renewed"
    return "vault_made" if draft.is_new else "vault_recovered"


def _browser(request: HttpRequest) -> str:
    return name_browser(request.headers.get("User-Agent", ""))


def _vault(request: HttpRequest) -> Vault | None:
    return Vault.objects.filter(user=_user(request)).first()


def _draft(request: HttpRequest) -> lifecycle.VaultDraft | None:
    data = load_draft(request)
    return lifecycle.VaultDraft.from_bytes(data) if data else None


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _idle_minutes() -> int:
    return max(1, settings.VAULT_IDLE_SECONDS // 60)
