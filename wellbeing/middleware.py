"""Keys as they are now, headers that keep private pages out of caches, and answers that htmx understands."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.deprecation import MiddlewareMixin

from accounts.http import SiteRequest
from vault.crypto.keys.loader import refresh_secret_key

_FEATURES_OFF = "microphone=(), geolocation=(), display-capture=(), browsing-topics=(), usb=(), payment=()"

#: Sizes in bytes, all of them multiples of 8 KiB. A day takes 50 to 60 KiB.
_STEPS = {"text/html": 64 * 1024, "application/json": 8 * 1024}


class FreshKeysMiddleware(MiddlewareMixin):
    """Notices a secret key that was exchanged, before anything of the request is checked with it."""

    def process_request(self, request: HttpRequest) -> None:
        refresh_secret_key()


class PrivacyHeadersMiddleware(MiddlewareMixin):
    """Every answer: camera off unless the view allowed it, nothing cached unless the view said so."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        camera = "camera=(self)" if getattr(response, "allows_camera", False) else "camera=()"
        response.headers["Permissions-Policy"] = f"{camera}, {_FEATURES_OFF}"
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class PaddingMiddleware(MiddlewareMixin):
    """Answers to somebody signed in come in a few sizes: neither a log nor the network tells what is on a page.

    White space after its end means nothing to a page or to JSON. A proxy that compressed it would undo this.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        step = _STEPS.get(response.headers.get("Content-Type", "").partition(";")[0], 0)
        user = getattr(request, "user", None)
        is_private = user is not None and user.is_authenticated
        if not step or not is_private or response.streaming or "Content-Disposition" in response.headers:
            return response
        response.content += b" " * (-len(response.content) % step)
        response.headers["Content-Length"] = str(len(response.content))
        patch_cache_control(response, no_transform=True)
        return response


class SwapMiddleware(MiddlewareMixin):
    """Answers to htmx, which puts what a redirect leads to into a part of the page, and does nothing when refused.

    Instead the browser goes there, or asks for its page anew. Stands after django_htmx's own.
    """

    def process_response(self, request: SiteRequest, response: HttpResponse) -> HttpResponse:
        if request.htmx and 300 <= response.status_code < 400:
            response.headers["HX-Redirect"] = response.headers["Location"]
            del response.headers["Location"]
            response.status_code = 204
        elif request.htmx and response.status_code >= 400:
            response.headers["HX-Refresh"] = "true"
        return response
