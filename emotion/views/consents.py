"""The consent pages: read the words, agree, stop, and read the receipts. Each concerns the signed-in person alone."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.decorators import form_only
from accounts.http import SiteRequest, render_local, signed_in
from emotion import selectors
from emotion.consent_text import CONSENT_TEXT
from emotion.services.consents import ConsentOutdated, give_consent, withdraw_consent


@require_GET
def show_consent(request: SiteRequest) -> HttpResponse:
    user = signed_in(request)
    context = {
        "text": CONSENT_TEXT,
        "consent": selectors.get_live_consent(user),
        "receipts": selectors.get_consents(user),
    }
    return render_local(request, "emotion/consent.html", context)


@form_only
def agree(request: SiteRequest) -> HttpResponse:
    if request.POST.get("agreed") != "yes":
        messages.error(request, _("Nothing was agreed to: the box was not ticked."))
        return redirect("consent")
    try:
        give_consent(user=signed_in(request), text_version=request.POST.get("text_version", ""))
    except ConsentOutdated as error:
        messages.error(request, error.detail)
        return redirect("consent")
    messages.success(request, _("Thank you. The camera still stays off until you switch it on here."))
    return redirect("capture")


@form_only
def withdraw(request: SiteRequest) -> HttpResponse:
    withdraw_consent(user=signed_in(request))
    messages.success(request, _("Done. No more snapshots, and any on their way were destroyed unread."))
    return redirect("consent")


@require_GET
def show_receipt(request: SiteRequest, consent_id: UUID) -> HttpResponse:
    receipt = get_object_or_404(selectors.get_consents(signed_in(request)), pk=consent_id)
    text = CONSENT_TEXT if receipt.text_hash == CONSENT_TEXT.sha256 else None
    return render_local(request, "emotion/consent_receipt.html", {"receipt": receipt, "text": text})
