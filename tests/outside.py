"""A day in a browser, as somebody sees it who reads a proxy's log and measures what passes: for calm and low people."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Final, Self
from urllib.parse import urlencode, urljoin
from uuid import UUID

from django.test import Client

from accounts.models import User
from emotion.services.preferences import set_ask_first
from tests.conftest import sign_in
from tests.entries import checkin, of_face, taste
from tests.vaults import hold_open_in, make_vault
from vault.journal.compaction import add_entries
from vault.journal.contents import JournalEntry
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Kind

DAYS: Final = 46
LOW_DAYS: Final = 6


def make_person(name: str, *, low: bool, seed: int) -> tuple[User, OpenedVault]:
    """Somebody with three check-ins and three readings a day; whoever is low was so for the last days."""
    user = User.objects.create_user(f"{name}@example.org")
    set_ask_first(user=user, ask_first=False)
    opened, rng = make_vault(user), random.Random(seed)
    noon = datetime.now(tz=UTC).replace(hour=0, minute=0) - timedelta(hours=12)
    said: list[tuple[datetime, Kind]] = [(noon - timedelta(days=DAYS), taste("rest", minutes=15))]
    for day in range(DAYS):
        is_low = low and day < LOW_DAYS
        for hour in range(3):
            at = noon - timedelta(days=day, hours=hour)
            value = round(rng.uniform(-0.9, -0.6) if is_low else rng.uniform(0.0, 0.5), 2)
            said.append((at, checkin(value, round(rng.uniform(-0.3, 0.3), 2))))
            said.append((at, of_face("sadness" if is_low else rng.choice(["neutral", "neutral", "happiness"]))))
    add_entries(opened, [JournalEntry(UUID(int=rng.getrandbits(128), version=4), at, kind) for at, kind in said])
    return user, opened


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str
    size: int


@dataclass
class Form:
    """One on a page, as a browser without a mouse sees it."""

    action: str
    by_script: bool
    fields: dict[str, str] = field(default_factory=dict)
    #: Names of what may be filled in, and names and values of its buttons.
    names: set[str] = field(default_factory=set)


class Page(HTMLParser):
    """Its forms, its links, and the addresses of its own files."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.files: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), "hx-post" in given))
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag in {"script", "link", "img", "use"}:
            self.files += [
                address
                for name in ("src", "href")
                if (address := given.get(name, "").partition("#")[0]).startswith("/static")
            ]
        elif self.forms and "name" in given:
            self.forms[-1].names |= {given["name"], f"{given['name']}={given.get('value', '')}"}
            if given.get("type") == "hidden":
                self.forms[-1].fields[given["name"]] = given.get("value", "")


Ask = Callable[[str, str, Mapping[str, str], Mapping[str, str]], Answer]


@dataclass
class Visitor:
    """Follows links and sends forms, with the referrer a page allows. `lines` are as nginx writes them by default."""

    ask: Ask
    has_script: bool
    lines: list[str] = field(default_factory=list)
    here: str = ""
    page: Page = field(default_factory=lambda: Page(""))
    _policy: str = ""

    @classmethod
    def of(cls, user: User, opened: OpenedVault, *, has_script: bool) -> Self:
        client = browser_of(user, opened)

        def ask(method: str, path: str, sent: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
            response = client.generic(method, path, urlencode(sent), _FORM, headers=headers)
            body = response.getvalue()
            text = body.decode() if response.headers.get("Content-Type", "").startswith("text/html") else ""
            return Answer(response.status_code, response.headers, text, len(body))

        return cls(ask, has_script)

    def go(self, path: str) -> None:
        self._send("GET", path, {}, {})

    def follow(self, start: str) -> None:
        """The first link that begins so."""
        self.go(urljoin(self.here, next(link for link in self.page.links if link.startswith(start))))

    def submit(self, button: str, **filled: str) -> None:
        """The first form that has this field, or field=value."""
        form = next(form for form in self.page.forms if button in form.names)
        name, _, value = button.partition("=")
        sent = form.fields | filled | ({name: value} if value else {})
        htmx = {"HX-Request": "true"} if form.by_script and self.has_script else {}
        self._send("POST", form.action or self.here, sent, htmx)

    def _send(self, method: str, path: str, sent: Mapping[str, str], headers: Mapping[str, str]) -> None:
        answer, path = self._fetch(method, path, sent, headers), path.partition("#")[0]
        assert answer.status < 400, f"{method} {path}: {answer.status}"
        if answer.status == 302:
            self._send("GET", answer.headers["Location"], {}, {})
        elif answer.status == 200:
            self._show(path, answer, by_script=bool(headers))

    def _show(self, path: str, answer: Answer, *, by_script: bool) -> None:
        self.page = Page(answer.text)
        if not by_script:
            self.here, self._policy = path, answer.headers["Referrer-Policy"]
            for file in dict.fromkeys(self.page.files):
                self._fetch("GET", file, {}, {})

    def _fetch(self, method: str, path: str, sent: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        path, referer = path.partition("#")[0], self._referer()
        answer = self.ask(method, path, sent, {**headers, **({"Referer": referer} if referer != "-" else {})})
        self.lines.append(f'"{method} {path} HTTP/1.1" {answer.status} {answer.size} "{referer}"')
        return answer

    def _referer(self) -> str:
        """https://www.w3.org/TR/referrer-policy/ for a request to the same site."""
        if not self.here or self._policy == "no-referrer":
            return "-"
        return ORIGIN + (self.here if self._policy == "same-origin" else "/")


ORIGIN: Final = "http://testserver"
_FORM: Final = "application/x-www-form-urlencoded"


def browser_of(user: User, opened: OpenedVault) -> Client:
    client = Client()
    sign_in(client, user)
    hold_open_in(client, user, opened)
    return client


def spend_a_day(visitor: Visitor, *, is_asked: bool) -> None:
    """A check-in, an answer, something read and something picked; whoever `is_asked` about low days says yes, and
    the others tell what fits the moment. Then the journal."""
    visitor.go("/today/")
    visitor.submit("pleasantness", pleasantness="-1" if is_asked else "0.5", energy="0")
    visitor.submit("said=yes" if is_asked else "place")
    visitor.submit("answer=not_now")
    visitor.follow("/activities/")
    visitor.go("/today/")
    visitor.go("/journal/")
    visitor.follow("?week=")
    visitor.go("/journal/year/")
