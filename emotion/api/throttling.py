"""How often the API may be asked."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView


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
