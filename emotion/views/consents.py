"""The consent pages: read the words, agree, stop, and read the receipts. Each concerns the signed-in person alone."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.selectors import get_local_now
from emotion import selectors
from emotion.consent_text import CONSENT_TEXT
from emotion.services.consents import ConsentOutdated, give_consent, withdraw_consent


@require_GET
def show_consent(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    context = {
        "text": CONSENT_TEXT,
        "consent": selectors.get_live_consent(user),
        "receipts": selectors.get_consents(user),
    }
    with timezone.override(get_local_now(user).tzinfo):
        return render(request, "emotion/consent.html", context)


@require_POST
def agree(request: HttpRequest) -> HttpResponse:
    if request.POST.get("agreed") != "yes":
        messages.error(request, "Nothing was agreed to: the box was not ticked.")
        return redirect("consent")
    try:
        give_consent(user=cast("User", request.user), text_version=request.POST.get("text_version", ""))
    except ConsentOutdated as error:
        messages.error(request, error.detail)
        return redirect("consent")
    messages.success(request, "Thank you. The camera still stays off until you switch it on here.")
    return redirect("capture")


@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    withdraw_consent(user=cast("User", request.user))
    messages.success(request, "Done. No more snapshots, and any on their way were destroyed unread.")
    return redirect("consent")


@require_GET
def show_receipt(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    user = cast("User", request.user)
    receipt = get_object_or_404(selectors.get_consents(user), pk=consent_id)
    text = CONSENT_TEXT if receipt.text_hash == CONSENT_TEXT.sha256 else None
    with timezone.override(get_local_now(user).tzinfo):
        return render(request, "emotion/consent_receipt.html", {"receipt": receipt, "text": text})
