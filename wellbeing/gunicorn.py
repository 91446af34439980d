"""Gunicorn's settings: threads on one machine, more processes by `WELLBEING_WEB_PROCESSES` on a bigger one."""

from core.hosts import join_host
from wellbeing.env import read_bind, read_int

bind = join_host(read_bind(), read_int("WELLBEING_PORT", 8000, low=1, high=65535))
workers = read_int("WELLBEING_WEB_PROCESSES", 1, low=1, high=64)
threads = read_int("WELLBEING_WEB_THREADS", 8, low=1, high=64)
worker_class = "gthread"
graceful_timeout = 25
timeout = 60
loglevel = "warning"
# An access log would write down who looked at which page, and when.
accesslog = None
control_socket_disable = True
