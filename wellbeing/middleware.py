"""Headers that keep private pages out of caches and the camera on its own page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_FEATURES_OFF = "microphone=(), geolocation=(), display-capture=(), browsing-topics=(), usb=(), payment=()"


class PrivacyHeadersMiddleware:
    """Every answer: camera off unless the view allowed it, nothing cached unless the view said so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        camera = "camera=(self)" if getattr(response, "allows_camera", False) else "camera=()"
        response.headers["Permissions-Policy"] = f"{camera}, {_FEATURES_OFF}"
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
