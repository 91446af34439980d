"""What makes the site installable: a manifest, and a service worker that keeps static files and nothing private."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    icons = [
        {"src": static("img/icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
        {"src": static("img/icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    shortcuts = [{"name": _("Check in"), "url": f"{reverse('today')}#checkin"}]
    if settings.CAMERA:
        shortcuts.append({"name": _("Snapshot"), "url": reverse("capture")})
    return JsonResponse(
        {
            "id": "/",
            "name": "Wellbeing",
            "short_name": "Wellbeing",
            "description": _("A private mood notebook for your working day."),
            "start_url": reverse("today"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#faf6ee",
            "theme_color": "#386350",
            "icons": icons,
            "shortcuts": shortcuts,
        },
        content_type="application/manifest+json",
    )


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Where browsers look for an icon on pages that name none, such as the administration and the API's answers."""
    return HttpResponseRedirect(static("img/icon-192.png"))


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root of the site, because its reach is the folder it lies in."""
    data = {
        "cache": f"static-{getattr(staticfiles_storage, 'manifest_hash', '') or 'unversioned'}",
        "offline": reverse("offline"),
        "static": settings.STATIC_URL,
        "capture": reverse("capture") if settings.CAMERA else "",
    }
    return render(request, "wellbeing/service-worker.js", {"data": data}, content_type="text/javascript")


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Fetched by the service worker without cookies, so that what it keeps is nobody's."""
    return render(request, "wellbeing/offline.html")
