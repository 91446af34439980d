"""The vault's pages: make, open, lock, change, recover, check, erase. Each concerns the signed-in person's alone."""

from abc import abstractmethod
from collections.abc import Iterable
from datetime import timedelta
from functools import wraps
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_safe
from django.views.generic import FormView

from accounts.browsers import name_browser
from accounts.choices import Event
from accounts.decorators import View, form_only, reauthentication_required, safe_next
from accounts.http import signed_in
from accounts.models import User
from accounts.notices import report
from accounts.selectors import find_passkeys
from core.exceptions import WellbeingError
from vault.authentic import is_vault_signed
from vault.crypto.key_phrase import make_key_phrase
from vault.dependants import VaultBusy
from vault.forms import ChangeForm, CodeCheckForm, EraseForm, KeepForm, NewPassphraseForm, OpenForm, RecoverForm
from vault.http import VaultRequest, opened, vault_required
from vault.journal.compaction import accept_losses, compact_inbox
from vault.journal.reading import read_head, read_journal
from vault.journal.retention import keep_days
from vault.models import Vault
from vault.opening import begin_session
from vault.opening import stop_erasure as call_off_erasure
from vault.rollback import remember_journal
from vault.selectors import find_vault, get_vault, has_vault
from vault.services import lifecycle, passkeys, precautions, rekey
from vault.services.key_slots import WrongPassphrase
from vault.services.retention import set_keep_days
from vault.services.strength import WeakPassphrase
from vault.session import close_vault, drop_draft, hold_draft, hold_open, keep_awake, load_draft


def secret_page(view: View) -> View:
    """A page that takes or shows a secret: GET and POST, in no cache, and in no error report."""
    guarded = never_cache(sensitive_post_parameters()(sensitive_variables()(view)))
    return wraps(view)(require_http_methods(["GET", "HEAD", "POST"])(guarded))


class VaultFormView(FormView):  # type: ignore[type-arg]
    """A form about somebody's vault, given to one service. What that refuses is told on the form."""

    request: VaultRequest
    #: Whether it is for those who have a vault, or for those who have none. The others are led away.
    is_for_owners = True
    #: Whether who does not come straight from signing in has to prove who they are first.
    asks_again = False

    @classmethod
    def as_view(cls, **attributes: Any) -> View:
        view = cast("View", super().as_view(**attributes))
        return secret_page(reauthentication_required(view) if cls.asks_again else view)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if has_vault(signed_in(request)) != self.is_for_owners:
            return redirect("vault")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            return self.carry_out(signed_in(self.request), form.cleaned_data)
        except WellbeingError as error:
            return self.refuse(form, error)

    @abstractmethod
    def carry_out(self, user: User, told: dict[str, Any]) -> HttpResponse:
        """What the form asks for. Raises what is then said on its page."""

    def refuse(self, form: forms.Form, error: WellbeingError) -> HttpResponse:
        """A wrong passphrase or code, no matter who typed it, is for the owner to know."""
        if isinstance(error, WrongPassphrase):
            report(signed_in(self.request), Event.VAULT_REFUSED, detail=_browser(self.request))
        form.add_error("new_passphrase" if isinstance(error, WeakPassphrase) else None, error.detail)
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        return self.render_to_response(self.get_context_data(form=form), status=error.status, headers=headers)


class DraftView(VaultFormView):
    """Ends with keys that are not kept yet: their recovery code is shown next."""

    def show_code(self, draft: lifecycle.VaultDraft) -> HttpResponse:
        hold_draft(self.request, draft.to_bytes())
        return redirect("vault_code")


@never_cache
@require_GET
def show_vault(request: VaultRequest) -> HttpResponse:
    vault, has_draft = find_vault(signed_in(request)), load_draft(request) is not None
    if vault is None:
        return redirect("vault_code" if has_draft else "vault_new")
    context = {
        "vault": vault,
        "has_draft": has_draft,
        "idle_minutes": _idle_minutes(),
        "phrase": make_key_phrase(bytes(vault.public_key)),
        "unknown_vault": request.unknown_vault(),
        "is_signed": is_vault_signed(vault),
        "site_days": settings.KEEP_DAYS,
        "passkeys": passkeys.find_opening(vault, find_passkeys(vault.user)),
        "keep": KeepForm(initial={"days": keep_days(vault)}),
    }
    return render(request, "vault/vault.html", context)


class MakeVault(DraftView):
    form_class, template_name, is_for_owners = NewPassphraseForm, "vault/new.html", False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wait_until = precautions.find_makeable_at(signed_in(self.request))
        return super().get_context_data(wait_until=wait_until, **kwargs)

    def carry_out(self, user: User, told: dict[str, Any]) -> HttpResponse:
        return self.show_code(lifecycle.draft_vault(user=user, passphrase=told["new_passphrase"]))


@secret_page
def show_recovery_code(request: VaultRequest) -> HttpResponse:
    """The code of a vault in the making; a POST gives it up."""
    draft = _draft(request)
    if request.method == "POST":
        drop_draft(request)
        messages.info(request, _("Nothing was changed."))
    elif draft is not None:
        return render(request, "vault/code.html", {"draft": draft})
    return redirect("vault")


class CheckRecoveryCode(VaultFormView):
    """Only here does a new vault, or a recovered one's new lock, come to be."""

    form_class, template_name = CodeCheckForm, "vault/code_check.html"
    draft: lifecycle.VaultDraft

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        draft = _draft(self.request)
        if draft is None:
            return redirect("vault")
        self.draft = draft
        return FormView.dispatch(self, request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"recovery_code": self.draft.recovery_code}

    def carry_out(self, user: User, told: dict[str, Any]) -> HttpResponse:
        draft = self.draft
        kept = (rekey.keep_renewed if draft.former else lifecycle.keep_vault)(user=user, draft=draft)
        drop_draft(self.request)
        hold_open(self.request, kept)
        report(user, _event_of(draft), here=self.request)
        call_off_erasure(self.request, user)
        made = _("Your vault is ready, and open.")
        messages.success(self.request, made if draft.is_new else _("Your vault has new keys, and is open."))
        return redirect("home")

    def refuse(self, form: forms.Form, error: WellbeingError) -> HttpResponse:
        messages.error(self.request, error.detail)
        if isinstance(error, VaultBusy):
            # The draft stays: its code is on paper already, and good in a minute.
            return redirect("vault_code_check")
        drop_draft(self.request)
        return redirect("vault")


class OpenVault(VaultFormView):
    form_class, template_name = OpenForm, "vault/open.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.request.opened_vault:
            return redirect(self._target())
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vault = get_vault(signed_in(self.request))
        context = {
            "next": self._target(),
            "was_away": "away" in self.request.GET,
            "idle_minutes": _idle_minutes(),
            "phrase": make_key_phrase(bytes(vault.public_key)),
            "passkeys": ask_passkeys(vault, passkeys.find_opening(vault, find_passkeys(vault.user))),
        }
        return super().get_context_data(**context, **kwargs)

    def carry_out(self, user: User, told: dict[str, Any]) -> HttpResponse:
        if told["secret"]:
            opened = passkeys.open_by_passkey(user=user, credential=told["credential"], secret=told["secret"])
        else:
            opened = lifecycle.open_vault(user=user, passphrase=told["passphrase"])
        begin_session(self.request, user, opened)
        return redirect(self._target())

    def _target(self) -> str:
        return safe_next(self.request, reverse("home"))


@form_only
def lock_vault(request: VaultRequest) -> HttpResponse:
    """The last chance to fold what came since: once locked, rows of the inbox show their day until it is opened."""
    if request.opened_vault is not None:
        compact_inbox(request.opened_vault, settled_after=timedelta(0))
    close_vault(request)
    messages.info(request, _("Your vault is locked."))
    return redirect("vault_open")


@form_only
def stay_awake(request: VaultRequest) -> HttpResponse:
    """Called by an open page while somebody moves in it. 423 once the vault is locked."""
    if request.opened_vault is None:
        return HttpResponse(status=423)
    keep_awake(request, request.opened_vault)
    return HttpResponse(status=204)


class ChangePassphrase(VaultFormView):
    form_class, template_name, asks_again = ChangeForm, "vault/passphrase.html", True

    def carry_out(self, user: User, told: dict[str, Any]) -> HttpResponse:
        lifecycle.change_passphrase(user=user, passphrase=told["passphrase"], new_passphrase=told["new_passphrase"])
        report(user, Event.PASSPHRASE_CHANGED, here=self.request)
        messages.success(self.request, _("Your new passphrase counts from now on. The recovery code stays the same."))
        messages.info(self.request, _("Your other browsers are signed out."))
        return redirect("vault")


class RecoverVault(DraftView):
    form_class, template_name, asks_again = RecoverForm, "vault/recover.html", True

    def carry_out(self, user: User, told: dict[str, Any]) -> HttpResponse:
        draft = lifecycle.recover_vault(user=user, code=told["code"], passphrase=told["new_passphrase"])
        return self.show_code(draft)


class RenewVault(DraftView):
    """For people who think that somebody knows a key of theirs."""

    form_class, template_name, asks_again = ChangeForm, "vault/renew.html", True

    def carry_out(self, user: User, told: dict[str, Any]) -> HttpResponse:
        passphrase, new = told["passphrase"], told["new_passphrase"]
        return self.show_code(rekey.draft_renewal(user=user, passphrase=passphrase, new_passphrase=new))


class EraseVault(VaultFormView):
    """With the passphrase or the recovery code at once; without both after days in which it can be called off."""

    form_class, template_name, asks_again = EraseForm, "vault/erase.html", True

    def carry_out(self, user: User, told: dict[str, Any]) -> HttpResponse:
        lifecycle.erase_vault(user=user, secret=told["secret"])
        report(user, Event.VAULT_ERASED, here=self.request)
        close_vault(self.request)
        drop_draft(self.request)
        gone = _("Everything in your vault is gone for good. You can start a new one whenever you like.")
        messages.success(self.request, gone)
        return redirect("vault_new")


@form_only
@reauthentication_required
def ask_erasure(request: VaultRequest) -> HttpResponse:
    """For who has lost passphrase and recovery code. From now on every page of theirs says so."""
    user = signed_in(request)
    if has_vault(user) and precautions.ask_erasure(user=user):
        report(user, Event.ERASURE_ASKED, detail=_browser(request))
    return redirect("vault_erase")


@form_only
def stop_erasure(request: VaultRequest) -> HttpResponse:
    call_off_erasure(request, signed_in(request))
    return redirect("vault")


@never_cache
@require_safe
@vault_required
def check_journal(request: VaultRequest) -> HttpResponse:
    """Open everything, and say what does not hold."""
    journal, head = read_journal(opened(request)), read_head(opened(request))
    context = {
        "damage": journal.damage,
        "is_whole": not (journal.damage or request.journal_rolled_back),
        "entries": len(journal.entries),
        "oldest": journal.entries[0].at if journal.entries else None,
        "head": head,
        "mark": head.mark.hex(" ", 2),
    }
    return render(request, "vault/check.html", context)


@never_cache
@form_only
@vault_required
def accept_journal(request: VaultRequest) -> HttpResponse:
    """Go on with what opens, and take what this browser sees now for the newest."""
    accept_losses(opened(request))
    messages.success(request, _("Done. Your journal goes on with what is there."))
    response = redirect("vault_check")
    remember_journal(request, response, opened(request), accept=True)
    return response


@never_cache
@form_only
def keep_journal(request: VaultRequest) -> HttpResponse:
    """Choose how long entries are kept."""
    form = KeepForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was changed: please choose one of the times offered."))
        return redirect("vault")
    days = form.cleaned_data["days"]
    try:
        set_keep_days(user=signed_in(request), days=days, opened=request.opened_vault)
    except WellbeingError as error:
        messages.error(request, error.detail)
    else:
        report(signed_in(request), Event.RETENTION_CHANGED)
        messages.success(request, _tell_deletion(days, is_open=request.opened_vault is not None))
    return redirect("vault")


def ask_passkeys(vault: Vault, credentials: Iterable[str]) -> dict[str, Any]:
    """What a page's script asks of a browser; empty where there is no passkey to ask."""
    ids = list(credentials)
    return {"salt": passkeys.make_salt(vault), "credentials": ids} if ids else {}


def _event_of(draft: lifecycle.VaultDraft) -> Event:
    if draft.former:
        return Event.VAULT_RENEWED
    return Event.VAULT_MADE if draft.is_new else Event.VAULT_RECOVERED


def _browser(request: HttpRequest) -> str:
    return name_browser(request.headers.get("User-Agent", ""))


def _draft(request: VaultRequest) -> lifecycle.VaultDraft | None:
    data = load_draft(request)
    return lifecycle.VaultDraft.from_bytes(data) if data else None


def _idle_minutes() -> int:
    return max(1, settings.VAULT_IDLE_SECONDS // 60)


def _tell_deletion(days: int, *, is_open: bool) -> str:
    if days == settings.KEEP_DAYS:
        return _("Noted.")
    now = ngettext(
        "Noted. What is older than %(days)d day is deleted now.",
        "Noted. What is older than %(days)d days is deleted now.",
        days,
    )
    later = ngettext(
        "Noted. What is older than %(days)d day is deleted the next time you open your vault.",
        "Noted. What is older than %(days)d days is deleted the next time you open your vault.",
        days,
    )
    return (now if is_open else later) % {"days": days}
