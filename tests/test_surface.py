"""What every answer of the site carries, whoever asks and whatever is asked: pages, refusals, errors and files."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.http import HttpResponseBase
from django.test import Client

from accounts.models import User
from tests.private import Private, browser_of, read
from tests.vaults import hold_open_in
from vault.keystore.models import ErasureKey

pytestmark = pytest.mark.django_db

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: Directive by directive, so that a laxer one cannot slip in.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "font-src": "'self'",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "default",
}
#: What a browser fetches or runs by itself.
FETCHED = {
    "script": ("src",), "link": ("href",), "img": ("src", "srcset"), "source": ("src", "srcset"), "track": ("src",),
    "video": ("src", "poster"), "audio": ("src",), "iframe": ("src",), "embed": ("src",), "object": ("data",),
    "form": ("action",), "use": ("href",), "button": ("formaction",), "input": ("src", "formaction"),
}  # fmt: skip


class Inlines(HTMLParser):
    """Collects what a strict policy forbids: inline script and style, and whatever comes from another host."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.found.append(f"<{tag}>")
        self.found += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        for name in FETCHED.get(tag, ()):
            if re.match(r"\s*(https?:)?//", given.get(name) or ""):
                self.found.append(f"<{tag} {name}={given[name]}>")


def faults(response: HttpResponseBase, *, camera: bool = False) -> list[str]:
    found = [f"{name}: {response.headers.get(name)}" for name, value in HEADERS.items() if response.get(name) != value]
    policy = response.headers.get("Content-Security-Policy", "")
    said = dict(part.strip().split(" ", 1) for part in policy.split(";") if part.strip())
    found += [f"policy {said}"] if said != POLICY else []
    features = response.headers.get("Permissions-Policy", "").split(", ")
    found += ["camera"] if ("camera=(self)" if camera else "camera=()") not in features else []
    found += [] if {"microphone=()", "geolocation=()", "display-capture=()"} <= set(features) else ["features"]
    return found


@pytest.fixture
def private(alice: User) -> Private:
    return Private(alice)


@pytest.fixture
def her_client(alice: User, private: Private) -> Client:
    client = browser_of(alice)
    hold_open_in(client, alice, private.opened)
    return client


def test_every_answer_to_everybody_carries_the_headers(private: Private, her_client: Client, root: User) -> None:
    wrong: list[str] = []
    seen: set[int] = set()
    clients = {"anonymous": browser_of(None), "owner": her_client, "superuser": browser_of(root)}
    for role, address in ((role, address) for role in clients for address in private.addresses()):
        if "logout" in address:
            continue
        response = clients[role].get(address)
        seen.add(response.status_code)
        camera = role == "owner" and address == "/capture/"
        wrong += [f"{role} {address}: {fault}" for fault in faults(response, camera=camera)]
        # The schema is the same for everybody; of a person nothing may stay in any cache.
        if role != "anonymous" and "no-store" not in response.headers.get("Cache-Control", ""):
            wrong.append(f"{role} {address}: may be stored")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            wrong += [f"{role} {address}: {inline}" for inline in Inlines(read(response)).found]
    assert wrong == []
    assert {200, 302, 403, 404, 405} <= seen


def _files() -> Iterator[str]:
    for finder in finders.get_finders():
        for path, _ in finder.list([]):
            yield path


def test_every_static_file_carries_the_headers(client: Client) -> None:
    files = list(_files())
    assert len(files) > 60
    wrong: dict[str, list[str]] = {}
    for path in files:
        answer = client.get(f"/static/{path}")
        found = faults(answer) if read(answer) and answer.status_code == 200 else [str(answer.status_code)]
        wrong |= {path: found} if found else {}
    assert wrong == {}


@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        ("/nowhere/", "testserver", 404),
        ("/static/nothing.js", "testserver", 404),
        ("/", "evil.example", 400),
        ("/consent/agree/", "testserver", 403),
        ("/privacy/", "testserver", 500),
    ],
)
def test_error_pages_carry_the_headers_and_nothing_inline(
    address: str, host: str, status: int, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(alice)
    if status == 500:
        monkeypatch.setattr("wellbeing.views.render", lambda *_: 1 / 0)
    response = (client.post if status == 403 else client.get)(address, HTTP_HOST=host)
    assert (response.status_code, faults(response), Inlines(read(response)).found) == (status, [], [])
    assert "no-store" in response.headers["Cache-Control"]


def test_a_page_that_names_no_icon_finds_one(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/static/img/icon-192.png")
    assert finders.find("img/icon-192.png")


def test_the_camera_may_be_asked_for_on_the_snapshot_page_alone(her_client: Client) -> None:
    assert faults(her_client.get("/capture/"), camera=True) == []
    her_client.post("/consent/withdraw/")
    assert faults(her_client.get("/capture/"), camera=False) == []


def test_nothing_private_is_registered_in_the_admin() -> None:
    registered = set(admin.site._registry)
    ours = {model for label in ("vault", "emotion", "keystore") for model in apps.get_app_config(label).get_models()}
    assert len(ours) == 12
    assert {model.__name__ for model in registered & (ours | {ErasureKey})} == set()
    assert {model._meta.app_label for model in registered} & {"keystore", "sessions", "admin"} == set()


def test_the_search_for_inlines_would_notice() -> None:
    assert Inlines("<p onclick=x style=y><script>1</script><img src='//evil.example/1.png'>").found == [
        "<p onclick>", "<p style>", "<script>", "<img src=//evil.example/1.png>",
    ]  # fmt: skip
