"""Gunicorn's settings: threads on one machine, more processes by `WELLBEING_WEB_PROCESSES` on a bigger one."""

import sys
from typing import Any

from core.hosts import join_host
from wellbeing.env import read_bind, read_int
from wellbeing.hardening import keep_memory_private

bind = join_host(read_bind(), read_int("WELLBEING_PORT", 8000, low=1, high=65535))
workers = read_int("WELLBEING_WEB_PROCESSES", 1, low=1, high=64)
threads = read_int("WELLBEING_WEB_THREADS", 8, low=1, high=64)
worker_class = "wellbeing.web_worker.WholeRequestWorker"
# Below what a process may open; a full house closes whoever has sent half a request for longest.
worker_connections = 500
graceful_timeout = 25
timeout = 60
loglevel = "warning"
# An access log would write down who looked at which page, and when.
accesslog = None
control_socket_disable = True
# While one thread computes (an export, the strength of a passphrase), another gets its turn five times as soon.
sys.setswitchinterval(0.001)


def on_starting(server: Any) -> None:
    """Before any child, which inherits it."""
    keep_memory_private()
