"""Keys as they are now, headers that keep private pages out of caches, and answers that htmx understands."""

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.views import defaults

from accounts.http import SiteRequest
from vault.crypto.keys.loader import refresh_secret_key

_FEATURES_OFF = "microphone=(), geolocation=(), display-capture=(), browsing-topics=(), usb=(), payment=()"


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


class DeepInputMiddleware(MiddlewareMixin):
    """What somebody nested too deeply for Python to read, as in the answer of a passkey, is their mistake."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RecursionError) or request.method != "POST":
            return None
        return defaults.bad_request(request, exception)
