"""The whole site as `make run` starts it, in a throw-away data folder on a free port."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_START_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    data_dir: Path
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def manage(self, *arguments: str, text: str | None = None) -> str:
        """Run a management command against this site's data. Returns what it printed."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, input=text, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_site(**variables: str) -> Iterator[Site]:
    """Set up, serve and stop. `variables` are further `WELLBEING_*` settings."""
    with tempfile.TemporaryDirectory(prefix="wellbeing-site-") as folder:
        data_dir, port = Path(folder) / "data", free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
        environment = kept | {
            "WELLBEING_DATA_DIR": str(data_dir),
            "WELLBEING_PORT": str(port),
            "WELLBEING_ENV_FILE": os.devnull,
            **variables,
        }
        log = Path(folder) / "site.log"
        with log.open("wb") as output:
            subprocess.run([sys.executable, "manage.py", "setup"], cwd=ROOT, env=environment, check=True, stdout=output)
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=output, stderr=output
            )
        site = Site(f"http://localhost:{port}", data_dir, log, environment, process)
        try:
            _wait_until_ready(site)
            yield site
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(40)


def _wait_until_ready(site: Site) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and site.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{site.url}/readyz", timeout=3) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.3)
    raise RuntimeError(f"The site did not become ready:\n{site.log.read_text()[-4000:]}")
