"""Real proxies in front of the site: what one logs by default, and what the configurations in `deploy/` log."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from accounts.models import User
from recommender.catalogue.services.catalogue import load_catalogue
from tests.outside import Answer, Visitor, browser_of, make_person, spend_a_day
from vault.journal.entries import OpenedVault

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DEPLOY: Final = Path(__file__).parent.parent / "deploy"
PLAIN: Final = "server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {site}; proxy_set_header Host $host; }} }}"
AROUND: Final = """
daemon off; master_process off; user root; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    access_log {folder}/access.log combined;
    {server}
}}
"""


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def _running(*command: str, port: int, folder: Path) -> Iterator[str]:
    """The address of a proxy, once it answers. What it says on a terminal is kept in the folder."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} on this machine")
    with (folder / "terminal").open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"nothing listens on port {port}")


@contextmanager
def _nginx(folder: Path, server: str, port: int) -> Iterator[str]:
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(folder=folder, server=server))
    with _running("nginx", "-c", str(config), port=port, folder=folder) as url:
        yield url


@contextmanager
def _nginx_as_shipped(folder: Path, site: str) -> Iterator[str]:
    port, text = _free_port(), (DEPLOY / "nginx.conf").read_text()
    text = re.sub(r"^ *ssl_certificate.*\n", "", text, flags=re.MULTILINE).replace("443 ssl", f"127.0.0.1:{port}")
    text = text.replace("http://127.0.0.1:8000", site).replace("/var/log/nginx", str(folder))
    with _nginx(folder, text, port) as url:
        yield url


@contextmanager
def _caddy_as_shipped(folder: Path, site: str) -> Iterator[str]:
    port, text = _free_port(), (DEPLOY / "Caddyfile").read_text()
    text = text.replace("\nmood.example.org {", f"\nhttp://:{port} {{").replace("{\n", "{\n\tadmin off\n", 1)
    text = text.replace("127.0.0.1:8000", site.removeprefix("http://")).replace("/var/log/caddy", str(folder))
    config = folder / "Caddyfile"
    config.write_text(text)
    with _running("caddy", "run", "--config", str(config), "--adapter", "caddyfile", port=port, folder=folder) as url:
        yield url


def _visit(url: str, user: User, opened: OpenedVault) -> Visitor:
    """In a browser with script."""
    session = requests.Session()
    for name, morsel in browser_of(user, opened).cookies.items():
        session.cookies.set(name, morsel.value)

    def ask(method: str, path: str, sent: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        given = {**headers, "Host": "testserver", "User-Agent": "Browser"}
        answer = session.request(method, url + path, data=sent, headers=given, allow_redirects=False, timeout=60)
        return Answer(answer.status_code, answer.headers, answer.text, len(answer.content))

    return Visitor(ask, has_script=True)


def test_nginx_with_its_default_log_tells_a_low_month_from_a_calm_one_by_nothing(
    live_server: Any, tmp_path: Path
) -> None:
    load_catalogue()
    port, logs = _free_port(), {}
    with _nginx(tmp_path, PLAIN.format(port=port, site=live_server.url), port) as url:
        for seed in range(3):
            for low in (False, True):
                before = len(_lines_of(tmp_path / "access.log"))
                visitor = _visit(url, *make_person(f"{seed}-{low}", low=low, seed=seed))
                spend_a_day(visitor, is_asked=low)
                written = _lines_of(tmp_path / "access.log", at_least=before + len(visitor.lines))[before:]
                logs[seed, low] = [line.partition('] "')[2] for line in written]
    assert {key: lines for key, lines in logs.items() if lines != logs[0, False]} == {}


@pytest.mark.parametrize("proxy", [_nginx_as_shipped, _caddy_as_shipped], ids=["nginx", "caddy"])
def test_shipped_configuration_logs_no_path_size_or_person(proxy: Any, live_server: Any, tmp_path: Path) -> None:
    load_catalogue()
    with proxy(tmp_path, live_server.url) as url:
        visitor = _visit(url, *make_person("robin", low=True, seed=7))
        spend_a_day(visitor, is_asked=True)
        lines = _lines_of(tmp_path / "wellbeing.log", at_least=len(visitor.lines))
    written = _read_all(tmp_path)
    found = [said for said in ("/today", "/activities", "/journal", "65536", "131072", "Browser") if said in written]
    assert (found, [line for line in lines if "200" not in line]) == ([], [])


@pytest.mark.parametrize("proxy", [_nginx_as_shipped, _caddy_as_shipped], ids=["nginx", "caddy"])
def test_shipped_configuration_names_no_path_when_the_site_is_away(proxy: Any, tmp_path: Path) -> None:
    with proxy(tmp_path, f"http://127.0.0.1:{_free_port()}") as url:
        assert requests.get(f"{url}/today/", headers={"Host": "testserver"}, timeout=60).status_code == 502
        (line,) = _lines_of(tmp_path / "wellbeing.log", at_least=1)
    assert "502" in line
    assert "/today" not in _read_all(tmp_path)


def _lines_of(log: Path, *, at_least: int = 0) -> list[str]:
    """A proxy writes a line when the answer has been read."""
    for _ in range(100):
        if len(lines := log.read_text().splitlines() if log.exists() else []) >= at_least:
            return lines
        time.sleep(0.1)
    raise AssertionError(f"{log.name} has {len(lines)} lines, not {at_least}")


def _read_all(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in {"nginx.conf", "Caddyfile"}]
    return "\n".join(path.read_text() for path in files)
