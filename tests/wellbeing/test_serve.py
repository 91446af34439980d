import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.template.loader import render_to_string
from pytest_django.fixtures import Settings

from tests.site import ROOT
from wellbeing.management.commands.serve import _address_of, _lock_data, _require_free_port, _wait_until_alive

HOLD = """
import sys, django, pathlib
django.setup()
from wellbeing.management.commands.serve import _lock_data
held = _lock_data(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_site_on_the_same_data_is_refused_naming_the_first(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert first.stdout
    assert first.stdout.readline() == b"held\n"
    with pytest.raises(CommandError, match=rf"runs already on {tmp_path} \(process {first.pid}\)"):
        _lock_data(tmp_path)
    first.kill()
    first.communicate()
    with _lock_data(tmp_path) as held:
        held.seek(0)
        assert int(held.read()) > 0


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.0.0.2", "::1"])
def test_a_port_is_taken_where_the_site_would_listen(bind: str) -> None:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.create_server((bind, 0), family=family) as server:
        port = server.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken"):
            _require_free_port(bind, port)
        _require_free_port("127.0.0.3", port)


def test_an_address_this_machine_does_not_have_is_named() -> None:
    with pytest.raises(CommandError, match=r"WELLBEING_BIND is 192\.0\.2\.1, where this machine cannot listen"):
        _require_free_port("192.0.2.1", 8000)


@pytest.mark.parametrize(
    ("bind", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/healthz"),
        ("0.0.0.0", "http://127.0.0.1:8000/healthz"),
        ("::", "http://[::1]:8000/healthz"),
        ("192.0.2.7", "http://192.0.2.7:8000/healthz"),
    ],
)
def test_a_site_is_asked_where_it_listens(bind: str, address: str) -> None:
    assert _address_of(bind, 8000) == address


def test_a_site_is_asked_by_a_name_that_every_site_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked: list[bytes] = []

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                asked.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        assert _wait_until_alive(_address_of("127.0.0.1", server.getsockname()[1]))
        thread.join()
    assert b"\r\nHost: localhost\r\n" in asked[0]


def test_page_of_a_fault_needs_no_list_of_static_files(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    with pytest.raises(ValueError, match="manifest"):
        render_to_string("offline.html" if (ROOT / "templates" / "offline.html").exists() else "404.html")
    assert 'href="/static/css/base.css"' in render_to_string("500.html")
