"""Take away, bring back, look who used what, and leave. Each page concerns the signed-in person alone."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import reauthentication_required
from accounts.models import User
from core.exceptions import WellbeingError
from emotion.selectors import get_consents, get_local_now
from rights import services
from rights.forms import LEAVE_WORDS, ExportForm, ImportForm, LeaveForm
from rights.receipts import write_receipt
from rights.report_text import count_endings, tell_camera_use, tell_event
from rights.selectors import describe_consent
from rights.uploads import WholeFileInMemory
from vault.decorators import vault_required
from vault.journal.contents import JournalEntry, K
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Audit, Camera
from vault.journal.reading import read_journal
from vault.models import Vault
from vault.session import close_vault

_LINES_A_PAGE = 100


@never_cache
@require_safe
def show_data(request: HttpRequest) -> HttpResponse:
    """Where everything on this site that is about oneself can be taken, brought back and looked into."""
    user = _user(request)
    context = {"has_vault": Vault.objects.filter(user=user).exists(), "has_consents": get_consents(user).exists()}
    return render(request, "rights/data.html", context)


@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
@vault_required
@reauthentication_required
def export(request: HttpRequest) -> HttpResponse:
    form = ExportForm(request.POST or None, label_suffix="")
    if not form.is_valid():
        return render(request, "rights/export.html", {"form": form}, status=400 if form.is_bound else 200)
    file = services.make_export(
        user=_user(request),
        opened=_vault(request),
        formats=form.cleaned_data["formats"],
        password=form.cleaned_data["password"],
        since=form.since,
    )
    response = HttpResponse(file.content, content_type=file.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


@csrf_exempt
def import_entries(request: HttpRequest) -> HttpResponse:
    """An import. The handler must be set before anything reads the form, the CSRF check included."""
    request.upload_handlers = [WholeFileInMemory(request)]
    return _bring_back(request)


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
@vault_required
@reauthentication_required
def _bring_back(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "rights/import.html", {"form": ImportForm(label_suffix="")})
    form = ImportForm(request.POST, request.FILES, label_suffix="")
    if form.is_valid():
        try:
            data = form.cleaned_data["file"].read()
            done = services.import_document(user=_user(request), opened=_vault(request), data=data)
        except WellbeingError as error:
            form.add_error("file", error.detail)
        else:
            messages.success(request, _tell_import(done))
            return redirect("journal")
    return render(request, "rights/import.html", {"form": form}, status=400)


@never_cache
@require_safe
@vault_required
def show_camera_uses(request: HttpRequest) -> HttpResponse:
    uses = _newest_first(request, Camera)
    page = Paginator(uses, _LINES_A_PAGE).get_page(request.GET.get("page"))
    lines = [(entry.at, *tell_camera_use(entry.data)) for entry in page]
    context = {"page": page, "lines": lines, "counts": count_endings(entry.data for entry in uses), "total": len(uses)}
    return _render_local(request, "rights/camera.html", context)


@never_cache
@require_safe
@vault_required
def show_audit(request: HttpRequest) -> HttpResponse:
    page = Paginator(_newest_first(request, Audit), _LINES_A_PAGE).get_page(request.GET.get("page"))
    lines = [(entry.at, *tell_event(entry.data)) for entry in page]
    return _render_local(request, "rights/audit.html", {"page": page, "lines": lines})


@never_cache
@require_safe
def show_receipt_document(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    consent = get_object_or_404(get_consents(_user(request)), pk=consent_id)
    receipt = write_receipt(describe_consent(consent), issued_at=timezone.now())
    response = JsonResponse(receipt, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response.headers["Content-Type"] = "application/ld+json"
    response.headers["Content-Disposition"] = f'attachment; filename="consent-receipt-{consent.pk}.jsonld"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def leave(request: HttpRequest) -> HttpResponse:
    """Delete the account; the answer is the receipt, shown this once."""
    form = LeaveForm(request.POST or None, label_suffix="")
    if not form.is_valid():
        context = {"form": form, "words": LEAVE_WORDS}
        return render(request, "rights/leave.html", context, status=400 if form.is_bound else 200)
    receipt = services.delete_account(user=_user(request))
    close_vault(request)
    logout(request)
    response = render(request, "rights/receipt.html", {"receipt": receipt})
    response.delete_cookie(settings.BROWSER_COOKIE_NAME, samesite="Lax")
    return response


def _tell_import(done: services.Imported) -> str:
    known = f" {done.known} were there already, were deleted since, or are too old to be kept." if done.known else ""
    return f"Done: {done.added} {'entry' if done.added == 1 else 'entries'} came back.{known}"


def _newest_first(request: HttpRequest, kind: type[K]) -> list[JournalEntry[K]]:
    return sorted(read_journal(_vault(request)).of(kind), key=lambda entry: entry.at, reverse=True)


def _render_local(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """Times on the page are those of the person, not of the server."""
    with timezone.override(get_local_now(_user(request)).tzinfo):
        return render(request, template, context)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _vault(request: HttpRequest) -> OpenedVault:
    """Behind `vault_required`."""
    return cast("OpenedVault", request.opened_vault)  # type: ignore[attr-defined]
