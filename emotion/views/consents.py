"""The consent pages: read the words, agree, stop, and read the receipts. Each concerns the signed-in person alone."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.decorators import form_only
from accounts.http import render_local, signed_in
from core.exceptions import WellbeingError
from emotion import selectors
from emotion.consent_text import CONSENT_TEXT
from emotion.services.consents import give_consent, withdraw_consent
from vault.http import VaultRequest, known_vault
from vault.selectors import has_vault


@require_GET
def show_consent(request: VaultRequest) -> HttpResponse:
    user = signed_in(request)
    context = {
        "text": CONSENT_TEXT,
        "consent": selectors.get_live_consent(user),
        "has_vault": has_vault(user),
        "unknown_vault": request.unknown_vault(),
        "has_foreign_consent": selectors.has_foreign_consent(user),
        "receipts": selectors.get_consents(user),
    }
    return render_local(request, "emotion/consent.html", context)


@form_only
def agree(request: VaultRequest) -> HttpResponse:
    if request.POST.get("agreed") != "yes":
        messages.error(request, _("Nothing was agreed to: the box was not ticked."))
        return redirect("consent")
    try:
        known_vault(request)
        give_consent(user=signed_in(request), text_version=request.POST.get("text_version", ""))
    except WellbeingError as error:
        messages.error(request, error.detail)
        return redirect("consent")
    messages.success(request, _("Thank you. The camera still stays off until you switch it on here."))
    return redirect("capture")


@form_only
def withdraw(request: VaultRequest) -> HttpResponse:
    withdraw_consent(user=signed_in(request))
    messages.success(request, _("Done. No more snapshots, and any on their way were destroyed unread."))
    return redirect("consent")


@require_GET
def show_receipt(request: VaultRequest, consent_id: UUID) -> HttpResponse:
    receipt = selectors.find_consent(signed_in(request), consent_id)
    if receipt is None:
        raise Http404
    text = CONSENT_TEXT if receipt.text_hash == CONSENT_TEXT.sha256 else None
    return render_local(request, "emotion/consent_receipt.html", {"receipt": receipt, "text": text})
