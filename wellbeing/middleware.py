"""Keys as they are now, headers that keep private pages out of caches, and answers that htmx understands."""

import logging
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.deprecation import MiddlewareMixin
from django.views import defaults

from accounts.http import SiteRequest
from core.hosts import LOCAL, to_ascii
from vault.crypto.keys.loader import refresh_secret_key

logger = logging.getLogger(__name__)

_REFUSED = "wellbeing.refused_host"
_PORTS = {"http": 80, "https": 443}
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


class AddressMiddleware(MiddlewareMixin):
    """The site has one address, `PUBLIC_URL`: behind this, every request says that it came there.

    Pages asked for at its other names lead to it. Names of this machine are for what watches the site; any other is
    refused, in words that name the setting.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Only here is the Host header read. The refusal comes later, with the headers of every other answer."""
        public, asked = _split(settings.PUBLIC_URL), request.META.get("HTTP_HOST", request.META["SERVER_NAME"])
        host, port = _read_host(asked)
        is_same_port = (port or _PORTS[public.scheme]) == (public.port or _PORTS[public.scheme])
        is_ours = host == public.hostname and is_same_port
        is_other = host in settings.OTHER_HOSTS or (public.hostname in LOCAL and host in LOCAL and is_same_port)
        is_probe = request.path in settings.PROBES and host in {public.hostname, *LOCAL, *settings.OTHER_HOSTS}
        request.META["HTTP_HOST"] = public.netloc
        if not (is_ours or is_other or is_probe):
            request.META[_REFUSED] = asked
        elif not (is_ours or is_probe) and request.method in {"GET", "HEAD"}:
            return HttpResponseRedirect(settings.PUBLIC_URL + request.get_full_path())
        return None

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        if _REFUSED not in request.META:
            return None
        logger.warning(
            "refused a request for %.100r: WELLBEING_URL is %s. A proxy must pass on the Host header; "
            "WELLBEING_HOSTS names further hosts.",
            request.META[_REFUSED],
            settings.PUBLIC_URL,
        )
        return render(request, "400.html", {"site_url": settings.PUBLIC_URL}, status=400)


@lru_cache(maxsize=8)
def _split(address: str) -> SplitResult:
    return urlsplit(address)


def _read_host(header: str) -> tuple[str, int | None]:
    """Name and port; an empty name when it is none."""
    try:
        parts = urlsplit(f"//{header}")
        return to_ascii((parts.hostname or "").removesuffix(".")), parts.port
    except ValueError:
        return "", None


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
