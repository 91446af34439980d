"""Pages about the journal as a whole: whether it is all there, and how long it is kept."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from core.exceptions import WellbeingError
from vault.decorators import vault_required
from vault.forms import KeepForm
from vault.journal.compaction import accept_losses
from vault.journal.entries import OpenedVault
from vault.journal.reading import read_head, read_journal
from vault.rollback import remember_journal
from vault.services.retention import set_keep_days


@never_cache
@require_safe
@vault_required
def check_journal(request: HttpRequest) -> HttpResponse:
    """Open everything, and say what does not hold."""
    journal, head = read_journal(_vault(request)), read_head(_vault(request))
    context = {
        "damage": journal.damage,
        "is_whole": not (journal.damage or request.journal_rolled_back),  # type: ignore[attr-defined]
        "entries": len(journal.entries),
        "oldest": journal.entries[0].at if journal.entries else None,
        "head": head,
        "mark": head.mark.hex(" ", 2),
    }
    return render(request, "vault/check.html", context)


@never_cache
@require_POST
@vault_required
def accept_journal(request: HttpRequest) -> HttpResponse:
    """Go on with what opens, and take what this browser sees now for the newest."""
    opened = _vault(request)
    accept_losses(opened)
    messages.success(request, "Done. Your journal goes on with what is there.")
    response = redirect("vault_check")
    remember_journal(request, response, opened, accept=True)
    return response


@never_cache
@require_POST
def keep_journal(request: HttpRequest) -> HttpResponse:
    """Choose how long entries are kept."""
    form = KeepForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: please choose one of the times offered.")
        return redirect("vault")
    days = form.cleaned_data["days"]
    try:
        set_keep_days(user=cast("User", request.user), days=days, opened=request.opened_vault)  # type: ignore[attr-defined]
    except WellbeingError as error:
        messages.error(request, error.detail)
        return redirect("vault")
    when = "now" if request.opened_vault else "the next time you open your vault"  # type: ignore[attr-defined]
    longest = days == settings.KEEP_DAYS
    messages.success(request, "Noted." if longest else f"Noted. What is older than {days} days is deleted {when}.")
    return redirect("vault")


def _vault(request: HttpRequest) -> OpenedVault:
    return cast("OpenedVault", request.opened_vault)  # type: ignore[attr-defined]
