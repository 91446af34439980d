"""Is the site alive, ready, and how busy: for supervisors and Prometheus, without one word about a person."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ready"})


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse("", content_type="text/plain; version=0.0.4")
