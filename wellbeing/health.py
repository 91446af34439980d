"""Is the site alive, ready, and how busy: for supervisors and Prometheus, without one word about a person."""

import shutil
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from secrets import compare_digest
from typing import Final, TypeVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connections
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.exceptions import Unavailable
from emotion import wakeup
from emotion.selectors import count_troubles, get_longest_wait
from emotion.services import worker_health


class ProbeResponse(JsonResponse):
    """No error, whatever it says: Django would log every 503 as one."""

    _has_been_logged = True


T = TypeVar("T")
_ROOM_BYTES: Final = 32 * 1024 * 1024


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": "alive"})


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """A snapshot sent now would be read: 200, or 503 naming what is missing. Without the camera: the pages work."""
    worker = _ask(worker_health.read_worker) if settings.CAMERA else None
    checks = {"database": _has_databases(), "disk": _has_room()}
    if settings.CAMERA:
        checks |= {"broker": _ask(wakeup.count_waiting) is not None, "worker": worker is not None}
    ready = all(checks.values())
    shown = {"status": "ready" if ready else "not ready", "checks": checks, "model": worker and worker["model"]}
    return ProbeResponse(shown, status=200 if ready else 503)


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever has the token, and for this machine itself; nobody else sees that there is such an address."""
    if not (_has_token(request) or _is_from_here(request)):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_Pipeline())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    wanted: str = settings.METRICS_TOKEN
    return bool(wanted) and compare_digest(given.encode(), f"Bearer {wanted}".encode())


def _is_from_here(request: HttpRequest) -> bool:
    """Not what a proxy on this machine passes on."""
    try:
        is_local = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return is_local and not {"X-Forwarded-For", "Forwarded"} & request.headers.keys()


class _Pipeline(Collector):
    """Counts over everybody, asked for at each scrape, so that every web process gives the same answer.

    What waits and what went wrong: how many were read, and how many people withdrew, would tell in a small team who.
    """

    def collect(self) -> Iterator[GaugeMetricFamily]:
        captures = GaugeMetricFamily(
            "wellbeing_captures", "Captures that wait, and those of about the last day that got lost.", labels=["state"]
        )
        for state, count in count_troubles().items():
            captures.add_metric([state], count)
        yield captures
        yield GaugeMetricFamily(
            "wellbeing_longest_wait_seconds", "How long the oldest queued capture has waited.", value=get_longest_wait()
        )
        waiting = _ask(wakeup.count_waiting)
        if waiting is not None:
            yield GaugeMetricFamily("wellbeing_queue_messages", "Messages no worker has taken yet.", value=waiting)
        yield GaugeMetricFamily("wellbeing_broker_up", "1 when the broker answers.", value=int(waiting is not None))
        yield GaugeMetricFamily(
            "wellbeing_worker_up",
            "1 when a worker with a loaded model lives.",
            value=int(_ask(worker_health.read_worker) is not None),
        )


def _has_databases() -> bool:
    """Whether each answers, and the main one takes what is written to it."""
    try:
        for connection in connections.all():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        cache.set("readyz", True, 60)
    except DatabaseError:
        return False
    return True


def _has_room() -> bool:
    """Whether the data folder's disk takes more than the next few entries."""
    try:
        return shutil.disk_usage(settings.DATA_DIR).free >= _ROOM_BYTES
    except OSError:
        return False


def _ask(question: Callable[[], T]) -> T | None:
    """The answer of Redis, or None while it is away."""
    try:
        return question()
    except Unavailable:
        return None
