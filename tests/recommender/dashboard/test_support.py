"""Help is one step from every page, stands above ranking, and nobody is told of anything."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from celery.app.task import Task
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from django.utils import timezone

from recommender.catalogue.models import Activity, SupportContact, WindowSettings
from recommender.catalogue.services.catalogue import load_catalogue
from tests.addresses import every_address
from tests.entries import checkin
from tests.recommender.activities import make_activity, make_catalogue
from tests.recommender.conftest import Append, ReadFace

pytestmark = pytest.mark.django_db


def make_contact(slug: str = "line", **changes: Any) -> SupportContact:
    values = {"country": "Atlantis", "name": "Deep Line", "kind": "crisis", "phone": "12 34", "how": "Bubbles, 56 78."}
    return SupportContact.objects.create(slug=slug, **(values | changes))


def read_support(client: Client) -> str:
    return " ".join(client.get("/support/").content.decode().split())


## The page


def test_a_number_checked_lately_is_shown(client: Client) -> None:
    make_contact(verified_on=timezone.localdate() - timedelta(days=180))
    text = read_support(client)
    assert 'href="tel:1234"' in text
    assert "Bubbles, 56 78." in text
    assert "Checked on" in text


def test_only_a_contact_of_the_workplace_says_who_can_see_a_call(client: Client) -> None:
    told = "Your workplace runs this: it can see that somebody calls"
    make_contact()
    assert told not in read_support(client)
    make_contact("shop-doctor", kind="workplace", url="https://intranet.example/")
    assert read_support(client).count(told) == 1


@pytest.mark.parametrize("age", [None, 181])
def test_one_that_was_not_gives_way_to_the_emergency_number_of_its_country(client: Client, age: int | None) -> None:
    make_contact(verified_on=age and timezone.localdate() - timedelta(days=age), url="https://deep.example/")
    make_contact("emergency", name="Emergency services", kind="emergency", phone="110", how="Free.")
    text = read_support(client)
    section = text[text.index("<h3>Deep Line</h3>") :].partition("</li>")[0]
    assert "12 34" not in text
    assert "56 78" not in text
    assert "Nobody has checked this number here in the last half year" in section
    assert 'href="tel:110"' in section
    assert 'href="https://deep.example/"' in section


def test_the_country_of_the_workplace_comes_first_and_what_is_switched_off_is_gone(client: Client) -> None:
    make_contact()
    make_contact("web", country="", name="Everywhere Line", kind="directory", phone="", url="https://example.org")
    make_contact("off", country="Zion", name="Off Line", active=False)
    text = read_support(client)
    assert "Off Line" not in text
    assert text.index("Everywhere Line") < text.index("Deep Line")
    WindowSettings(support_country="Atlantis").save()
    text = read_support(client)
    assert text.index("Deep Line") < text.index("Everywhere Line")


def test_it_speaks_german_too(client: Client) -> None:
    load_catalogue()
    text = client.get("/support/", headers={"accept-language": "de"}).content.decode()
    assert "Vereinigtes Königreich" in text
    assert "Kostenlos, Tag und Nacht." in text
    assert "Wenn es gerade zu viel ist" in text


def test_every_shipped_country_has_an_emergency_number() -> None:
    load_catalogue()
    countries = set(SupportContact.objects.exclude(country="").values_list("country", flat=True))
    emergency = set(SupportContact.objects.filter(kind="emergency").values_list("country", flat=True))
    assert countries == emergency
    assert len(countries) >= 25


## One step away


class Links(HTMLParser):
    """Where links lead that stand in the page as it comes, without script: nothing hidden, nothing in a template."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if self._hidden or tag == "template" or "hidden" in names:
            if tag not in ("img", "input", "br", "link", "meta", "use"):
                self._hidden.append(tag)
        elif tag == "a":
            self.found.add(names.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and self._hidden[-1] == tag:
            self._hidden.pop()


def links_of(html: str) -> set[str]:
    links = Links()
    links.feed(html)
    return links.found


def pages_of(client: Client) -> Iterator[tuple[str, str]]:
    """Every page the URLconf has for an employee: address and HTML."""
    client.raise_request_exception = False
    for address in every_address({"*": [str(uuid4())], "slug": ["movement-one"], "path": ["css/base.css"]}):
        if address.startswith(("/admin/", "/api/", "/static/")):
            continue
        response = client.get(address)
        if "html" in response.headers.get("Content-Type", "") and response.status_code in {200, 400, 403, 404}:
            yield address, response.content.decode()


def assert_each_leads_to_support(pages: dict[str, str], *, at_least: int) -> None:
    assert {"/support/", "/privacy/"} <= set(pages)
    assert len(pages) >= at_least
    assert [address for address, html in pages.items() if "/support/" not in links_of(html)] == []


def test_every_page_for_strangers_leads_to_it_in_one_step_and_without_script(client: Client) -> None:
    make_catalogue()
    assert_each_leads_to_support(dict(pages_of(client)), at_least=8)


def test_every_page_of_ones_own_leads_to_it_in_one_step_and_without_script(
    alice_client: Client, request: pytest.FixtureRequest
) -> None:
    """Before there is a vault, and in the same browser once it is open."""
    make_catalogue()
    before = dict(pages_of(alice_client))
    assert_each_leads_to_support(before, at_least=15)
    after = dict(pages_of(request.getfixturevalue("opened_client")))
    assert_each_leads_to_support(after, at_least=15)
    assert ("/vault/new/" in before, "/journal/" in before) == (True, False)
    assert ("/vault/new/" in after, "/journal/" in after) == (False, True)


def test_the_crawl_would_notice() -> None:
    html = '<a href="/a/"></a><div hidden><a href="/b/"></a></div><template><a href="/c/"></a></template>'
    assert links_of(html) == {"/a/"}


## Above ranking


def test_support_stands_above_the_suggestions_whatever_is_ranked(opened_client: Client) -> None:
    make_catalogue()
    make_activity("talk", "social", safety="support", title="Someone to lean on", targets=["neutral"])
    make_activity("now", "social", safety="crisis", title="When it is too much", targets=["neutral"])
    text = opened_client.get("/today/").content.decode()
    strip, suggestions = text.index("Someone to lean on"), text.index('<section id="suggestions"')
    assert strip < suggestions
    assert "Someone to lean on" not in text[suggestions:]
    assert "When it is too much" not in text
    offered = {item["activity"]["slug"] for item in opened_client.get("/api/v1/suggestions/").json()}
    assert offered.isdisjoint({"talk", "now"})
    assert len(offered) >= 1
    Activity.objects.exclude(safety="support").delete()
    assert "Someone to lean on" in opened_client.get("/today/").content.decode()


## Nobody is told


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that leaves this process or is left for another one."""
    calls: list[str] = []
    for owner, name in (
        (socket.socket, "connect"), (socket.socket, "connect_ex"), (socket.socket, "sendto"),
        (socket, "create_connection"), (Celery, "send_task"), (Task, "apply_async"), (Task, "delay"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, name, lambda *_, name=name, **__: calls.append(name))
    return calls


def test_low_expressions_and_low_check_ins_lead_to_no_message_task_or_entry_for_anybody(
    opened_client: Client, read_face: ReadFace, append: Append, told: list[str]
) -> None:
    make_catalogue()
    make_activity("talk", "social", safety="support")
    now = timezone.now()
    for day in range(20):
        for hour in range(3):
            read_face("sadness", now - timedelta(days=day, hours=hour))
        append(checkin(-1, -1, "down"), now - timedelta(days=day))
    low = {"act": "checkin", "pleasantness": "-1", "energy": "-1", "words": ["down", "lonely"]}
    opened_client.post("/today/", low)
    page = opened_client.get("/today/")
    assert page.status_code == 200
    (first, *_) = opened_client.get("/api/v1/suggestions/").json()
    assert opened_client.get("/api/v1/mood/").json()["said"]["pleasantness"]["value"] < -0.5
    opened_client.post("/today/", {"act": "answer", "suggestion": first["id"], "answer": "did", "helped": "-2"})
    for path in ("/journal/", "/support/", "/today/"):
        assert opened_client.get(path).status_code == 200
    assert (told, mail.outbox, LogEntry.objects.count()) == ([], [], 0)


def test_the_watch_would_notice(told: list[str]) -> None:
    socket.create_connection(("127.0.0.1", 9))
    Task().delay()
    assert told == ["create_connection", "delay"]


## Switching off


def test_an_activity_that_is_switched_off_is_gone_with_the_next_look_on_the_page_and_in_the_api(
    opened_client: Client,
) -> None:
    make_catalogue()
    (first, *_) = opened_client.get("/api/v1/suggestions/").json()
    title = first["activity"]["title"]
    assert title in opened_client.get("/today/").content.decode()
    Activity.objects.filter(slug=first["activity"]["slug"]).update(active=False)
    assert title not in opened_client.get("/today/").content.decode()
    after = opened_client.get("/api/v1/suggestions/").json()
    assert first["activity"]["slug"] not in {item["activity"]["slug"] for item in after}
    assert title not in opened_client.get("/activities/").content.decode()
