"""What the API takes: an upload into memory alone, no longer than a capture may be, and notes so many an hour."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView


class FrameParser(BaseParser):
    """The body is one JPEG; its id and trigger stand in the query."""

    media_type = "application/octet-stream"

    def parse(  # type: ignore[override]
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """At most one byte more than a frame may have, so that the check behind it sees that there is too much."""
        return stream.read(settings.MAX_FRAME_BYTES + 1)


class CameraUseThrottle(UserRateThrottle):
    """Counts by the hour of the clock: what the cache keeps says how many, and never when."""

    scope = "camera_uses_this_hour"
    rate = "240/hour"
    num_requests: int
    duration: int

    def allow_request(self, request: Request, view: APIView) -> bool:
        key = self.get_cache_key(request, view)
        counted = self.cache.get(key, 0)
        if counted >= self.num_requests:
            return False
        self.cache.set(key, counted + 1, self.wait())
        return True

    def wait(self) -> float:
        """Seconds until the hour is over, and its count with it."""
        left: float = self.duration - self.timer() % self.duration
        return left
