"""Pages about the journal as a whole: whether it is all there, and how long it is kept."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import signed_in
from core.exceptions import WellbeingError
from vault.decorators import vault_required
from vault.forms import KeepForm
from vault.http import VaultRequest, opened
from vault.journal import accept_losses, read_head, read_journal
from vault.rollback import remember_journal
from vault.services.retention import set_keep_days


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
@require_POST
@vault_required
def accept_journal(request: VaultRequest) -> HttpResponse:
    """Go on with what opens, and take what this browser sees now for the newest."""
    accept_losses(opened(request))
    messages.success(request, _("Done. Your journal goes on with what is there."))
    response = redirect("vault_check")
    remember_journal(request, response, opened(request), accept=True)
    return response


@never_cache
@require_POST
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
        messages.success(request, _tell_deletion(days, is_open=request.opened_vault is not None))
    return redirect("vault")


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
