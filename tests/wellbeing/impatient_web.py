"""Gunicorn's settings and a site for tests of the web worker: what was asked comes back, and patience is short."""

from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from wellbeing import web_worker

web_worker.PATIENCE_SECONDS = 1.0  # type: ignore[misc]

worker_class = "wellbeing.web_worker.WholeRequestWorker"
threads = 2
worker_connections = 50
control_socket_disable = True
graceful_timeout = 5
loglevel = "critical"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    answer = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {len(body)}".encode()
    if environ["PATH_INFO"] == "/large":
        answer *= 1_000_000
    if environ["PATH_INFO"] == "/file":
        file = Path(__file__)
        start_response("200 OK", [("Content-Length", str(file.stat().st_size))])
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](file.open("rb"))
        return wrapped
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return environ["wsgi.file_wrapper"](BytesIO(answer)) if environ["PATH_INFO"] == "/memory" else [answer]
