"""Take away, bring back, look who used what, and leave. Each page concerns the signed-in person alone."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import reauthentication_required
from accounts.http import render_local, signed_in
from core.exceptions import WellbeingError
from emotion.selectors import find_consent, get_consents
from rights import services
from rights.forms import ExportForm, ImportForm, LeaveForm
from rights.receipts import write_receipt
from rights.report_text import count_endings, tell_camera_use, tell_event
from rights.selectors import describe_consent
from rights.uploads import WholeFileInMemory
from vault.http import VaultRequest, opened, vault_required
from vault.journal.contents import JournalEntry, K
from vault.journal.kinds import Audit, Camera
from vault.journal.reading import read_journal
from vault.selectors import has_vault
from vault.session import close_vault

_LINES_A_PAGE = 100


@never_cache
@require_safe
def show_data(request: VaultRequest) -> HttpResponse:
    """Where everything on this site that is about oneself can be taken, brought back and looked into."""
    user = signed_in(request)
    context = {"has_vault": has_vault(user), "has_consents": bool(get_consents(user))}
    return render(request, "rights/data.html", context)


@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
@vault_required
@reauthentication_required
def export(request: VaultRequest) -> HttpResponse:
    form = ExportForm(request.POST or None)
    if not form.is_valid():
        return render(request, "rights/export.html", {"form": form}, status=400 if form.is_bound else 200)
    try:
        file = services.make_export(
            user=signed_in(request),
            opened=opened(request),
            formats=form.cleaned_data["formats"],
            password=form.cleaned_data["password"],
            since=form.since,
        )
    except WellbeingError as error:
        return _refuse(request, "rights/export.html", form, error)
    response = HttpResponse(file.content, content_type=file.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


@csrf_exempt
def import_entries(request: VaultRequest) -> HttpResponse:
    """An import. The handler must be set before anything reads the form, the CSRF check included."""
    request.upload_handlers = [WholeFileInMemory(request)]
    return _bring_back(request)


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
@vault_required
@reauthentication_required
def _bring_back(request: VaultRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "rights/import.html", {"form": ImportForm()})
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "rights/import.html", {"form": form}, status=400)
    try:
        data = form.cleaned_data["file"].read()
        done = services.import_document(user=signed_in(request), opened=opened(request), data=data)
    except WellbeingError as error:
        return _refuse(request, "rights/import.html", form, error, field="file")
    messages.success(request, _tell_import(done))
    return redirect("journal")


def _refuse(
    request: VaultRequest, template: str, form: Form, error: WellbeingError, *, field: str | None = None
) -> HttpResponse:
    """The page again with what was refused, and after what time it is worth another try."""
    form.add_error(field, error.detail)
    response = render(request, template, {"form": form}, status=error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


@never_cache
@require_safe
@vault_required
def show_camera_uses(request: VaultRequest) -> HttpResponse:
    uses = _newest_first(request, Camera)
    page = Paginator(uses, _LINES_A_PAGE).get_page(request.GET.get("page"))
    lines = [(entry.at, *tell_camera_use(entry.data)) for entry in page]
    context = {"page": page, "lines": lines, "counts": count_endings(entry.data for entry in uses), "total": len(uses)}
    return render_local(request, "rights/camera.html", context)


@never_cache
@require_safe
@vault_required
def show_audit(request: VaultRequest) -> HttpResponse:
    page = Paginator(_newest_first(request, Audit), _LINES_A_PAGE).get_page(request.GET.get("page"))
    lines = [(entry.at, *tell_event(entry.data)) for entry in page]
    return render_local(request, "rights/audit.html", {"page": page, "lines": lines})


@never_cache
@require_safe
def show_receipt_document(request: VaultRequest, consent_id: UUID) -> HttpResponse:
    consent = find_consent(signed_in(request), consent_id)
    if consent is None:
        raise Http404
    receipt = write_receipt(describe_consent(consent), issued_at=timezone.now())
    response = JsonResponse(receipt, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response.headers["Content-Type"] = "application/ld+json"
    response.headers["Content-Disposition"] = f'attachment; filename="consent-receipt-{consent.pk}.jsonld"'
    return response


@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def leave(request: VaultRequest) -> HttpResponse:
    """Delete the account; the answer is the receipt, shown this once."""
    form = LeaveForm(request.POST or None, has_vault=has_vault(signed_in(request)))
    if not form.is_valid():
        return render(request, "rights/leave.html", {"form": form}, status=400 if form.is_bound else 200)
    try:
        receipt = services.delete_account(user=signed_in(request), secret=form.cleaned_data.get("secret", ""))
    except WellbeingError as error:
        form.add_error(None, error.detail)
        return render(request, "rights/leave.html", {"form": form}, status=error.status)
    close_vault(request)
    logout(request)
    response = render(request, "rights/receipt.html", {"receipt": receipt})
    response.delete_cookie(settings.BROWSER_COOKIE_NAME, samesite="Lax")
    return response


def _tell_import(done: services.Imported) -> str:
    came = ngettext("Done: %(count)d entry came back.", "Done: %(count)d entries came back.", done.added)
    known = ngettext(
        "%(count)d was there already, was deleted since, or is too old to be kept.",
        "%(count)d were there already, were deleted since, or are too old to be kept.",
        done.known,
    )
    told = [came % {"count": done.added}, *([known % {"count": done.known}] if done.known else [])]
    return " ".join(told)


def _newest_first(request: VaultRequest, kind: type[K]) -> list[JournalEntry[K]]:
    return sorted(read_journal(opened(request)).of(kind), key=lambda entry: entry.at, reverse=True)
