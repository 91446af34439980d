"""A vault has opened: its owner is told, and whoever asked for its end is overruled."""

from django.contrib import messages
from django.utils.translation import gettext as _

from accounts.browsers import name_browser
from accounts.choices import Event
from accounts.models import User
from accounts.notices import report
from vault.http import VaultRequest
from vault.journal.entries import OpenedVault
from vault.services import precautions
from vault.session import hold_open


def begin_session(request: VaultRequest, user: User, opened: OpenedVault) -> None:
    """Keep the vault that passphrase or passkey opened open in this browser."""
    hold_open(request, opened)
    report(user, Event.VAULT_OPENED, detail=name_browser(request.headers.get("User-Agent", "")))
    stop_erasure(request, user)


def stop_erasure(request: VaultRequest, user: User) -> None:
    """Who can open the vault has not lost what opens it: whoever asked for the end of it, it is called off."""
    if precautions.stop_erasure(user=user):
        report(user, Event.ERASURE_STOPPED)
        messages.success(request, _("Erasing your vault is called off: it stays as it is."))
