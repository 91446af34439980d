"""A person at a browser, over HTTP, as the pages' own forms would speak."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.conftest import sign_in
from vault.crypto.recovery import split_groups

_TIMEOUT = 60


class Browser:
    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "Proof/1.0"
        #: Every value a cookie ever had.
        self.cookies: dict[str, set[str]] = {}

    @classmethod
    def signed_in(cls, url: str, user: User) -> "Browser":
        """What whoever holds the database and SECRET_KEY can make: a session of anybody's, without their password."""
        client, browser = Client(SERVER_NAME="127.0.0.1"), cls(url)
        sign_in(client, user)
        browser._keep(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
        return browser

    def _keep(self, name: str, value: str) -> None:
        """As if the site had set it."""
        self.session.cookies.set(name, value, domain=urlsplit(self.url).hostname, path="/")

    def ask(
        self, method: str, path: str, sent: Mapping[str, str] | bytes | None = None, *, follow: bool = False
    ) -> requests.Response:
        # Django takes the CSRF cookie's own value for a token; any 32 letters do, when cookie and header agree.
        if settings.CSRF_COOKIE_NAME not in self.session.cookies:
            self._keep(settings.CSRF_COOKIE_NAME, "x" * 32)
        headers = {"X-CSRFToken": self.session.cookies[settings.CSRF_COOKIE_NAME] or ""}
        if isinstance(sent, bytes):
            headers["Content-Type"] = "application/octet-stream"
        answer = self.session.request(
            method, self.url + path, data=sent, headers=headers, allow_redirects=follow, timeout=_TIMEOUT
        )
        for name, value in self.session.cookies.items():
            self.cookies.setdefault(name, set()).add(value or "")
        return answer

    def get(self, path: str) -> str:
        return self.ask("get", path, follow=True).text

    def post(self, path: str, sent: Mapping[str, str] | bytes | None = None) -> requests.Response:
        """Raises RuntimeError when the site does not take it: the proof would prove nothing."""
        answer = self.ask("post", path, sent or {})
        if answer.status_code >= 400 or "errorlist" in answer.text:
            raise RuntimeError(f"{path} was answered with {answer.status_code}: {answer.text[-1500:]}")
        return answer


@dataclass
class Employee:
    name: str
    passphrase: str
    password: str
    notes: list[str]
    browser: Browser
    code: str = ""
    captures: list[str] = field(default_factory=list)
    jpegs: list[bytes] = field(default_factory=list)

    @property
    def email(self) -> str:
        return f"{self.name}@example.org"

    @property
    def user(self) -> User:
        return User.objects.get(email=self.email)

    def sign_up(self) -> None:
        form = {"email": self.email, "password1": self.password, "password2": self.password}
        self.browser.post("/accounts/signup/", form)

    def confirm_password(self) -> None:
        self.browser.post("/accounts/reauthenticate/", {"password": self.password})

    def make_vault(self) -> None:
        from vault.forms import asked_places

        self.browser.post("/vault/new/", {"new_passphrase": self.passphrase, "again": self.passphrase})
        shown = re.search(r'data-copy-text="([^"]+)"', self.browser.get("/vault/code/"))
        assert shown, "the recovery code is not on its page"
        self.code = shown[1]
        groups = split_groups(self.code)
        self.browser.post("/vault/code/check/", {f"group_{at}": groups[at - 1] for at in asked_places(self.code)})

    def agree(self) -> None:
        from emotion.consent_text import CONSENT_TEXT

        self.browser.post("/consent/agree/", {"agreed": "yes", "text_version": CONSENT_TEXT.version})

    def capture(self, jpeg: bytes) -> None:
        capture_id = str(uuid.uuid4())
        self.browser.post(f"/api/v1/captures/?id={capture_id}&trigger=manual", jpeg)
        self.captures.append(capture_id)
        self.jpegs.append(jpeg)

    def check_in(self, note: str) -> None:
        said = {"act": "checkin", "pleasantness": "0.5", "energy": "-0.5", "words": "calm", "note": note}
        self.browser.post("/today/", said)
        if note not in self.notes:
            self.notes.append(note)

    def open_vault(self) -> None:
        self.browser.post("/vault/open/", {"passphrase": self.passphrase, "next": "/today/"})

    def look_and_answer(self) -> None:
        """Opens the dashboard and answers what is offered there."""
        offered = re.findall(r'name="suggestion" value="([^"]+)"', self.browser.get("/today/"))
        answers = ({"answer": "did", "helped": "1"}, {"answer": "not_now"})
        for suggestion, answer in zip(offered, answers, strict=False):
            self.browser.post("/today/", {"act": "answer", "suggestion": suggestion} | answer)

    def lock(self) -> None:
        self.browser.post("/vault/close/")
