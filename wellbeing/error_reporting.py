"""What an error report may say: where it happened, never what anybody typed or a key in some variable."""

from types import FrameType
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class SilentReporterFilter(SafeExceptionReporterFilter):
    """Hides every posted value, every cookie and every local variable, not only those somebody thought to name."""

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        posted = super().get_post_parameters(request)
        return posted if settings.DEBUG else dict.fromkeys(posted, self.cleansed_substitute)

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, Any]:
        cookies: dict[str, Any] = super().get_safe_cookies(request)  # type: ignore[arg-type]
        return cookies if settings.DEBUG else dict.fromkeys(cookies, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> Any:
        if settings.DEBUG:
            return super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]
