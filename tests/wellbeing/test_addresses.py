"""The site has one address, which no header changes."""

import logging
import re
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.conftest import PASSWORD, sign_in
from wellbeing.env import read_sender, read_site

SITE = "https://mood.example.org"
PROXIED = {"HTTP_X_FORWARDED_PROTO": "https"}


@pytest.fixture
def public(settings: Any) -> None:
    """Behind a proxy that ends TLS, at a public address and at one more."""
    settings.PUBLIC_URL, settings.OTHER_HOSTS = SITE, ["old.example.org"]
    settings.ALLOWED_HOSTS = ["mood.example.org"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://Mood.Example.org/", SITE),
        ("https://mood.example.org:443", SITE),
        ("http://mood.example.org:8080", "http://mood.example.org:8080"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://müll.example", "https://xn--mll-hoa.example"),
    ],
)
def test_an_address_is_kept_as_browsers_send_it(written: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WELLBEING_URL", written)
    assert read_site("WELLBEING_URL", "") == address


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("https://intra.example.org/mood", "it cannot live under /mood"),
        ("mood.example.org", "must look like https://mood.example.org"),
        ("ftp://mood.example.org", "must look like https://mood.example.org"),
        ("https://", "must look like https://mood.example.org"),
        ("https://u:p@mood.example.org", "must be scheme and host alone"),
        ("https://mood.example.org?a=b", "must be scheme and host alone"),
        ("https://mood.example.org:99999", "which is no address"),
        ("https://[::1", "which is no address"),
        ("https://ü_ü.example", "which is no address"),
    ],
)
def test_an_address_that_cannot_be_served_stops_the_start(
    written: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WELLBEING_URL", written)
    with pytest.raises(ImproperlyConfigured, match=re.escape(said)) as stopped:
        read_site("WELLBEING_URL", "")
    assert str(stopped.value).startswith("WELLBEING_URL ")


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("", "Wellbeing <wellbeing@mood.example.org>"),
        ("mood@example.org", "Wellbeing <mood@example.org>"),
        ("Mood <mood@example.org>", "Mood <mood@example.org>"),
    ],
)
def test_a_sender_has_a_name(written: str, sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WELLBEING_EMAIL_FROM", written)
    assert read_sender("WELLBEING_EMAIL_FROM", "wellbeing@mood.example.org") == sender


def test_a_sender_that_is_no_address_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WELLBEING_EMAIL_FROM", "wellbeing")
    with pytest.raises(ImproperlyConfigured, match="WELLBEING_EMAIL_FROM must be an e-mail address"):
        read_sender("WELLBEING_EMAIL_FROM", "x@y")


@pytest.mark.django_db
@pytest.mark.usefixtures("public")
@pytest.mark.parametrize(
    "host",
    ["localhost:9999", "127.0.0.1:4444", "127.0.0.1", "mood.example.org:1234", "evil.example", "[::1]:8000", "a b", ""],
)
def test_a_page_is_refused_at_any_name_but_its_own_and_the_setting_is_named(
    host: str, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(HTTP_HOST=host, **PROXIED)  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING, "wellbeing.middleware"):
        answer = client.post(reverse("account_reset_password"), {"email": alice.email})
    assert (answer.status_code, mail.outbox) == (400, [])
    assert "WELLBEING_URL" in answer.content.decode()
    assert SITE in answer.content.decode()
    assert "ALLOWED_HOSTS" not in caplog.text
    assert f"refused a request for {host!r}: WELLBEING_URL is {SITE}" in caplog.text


@pytest.mark.django_db
@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("host", ["localhost:9999", "127.0.0.1", "[::1]:8000", "old.example.org", "mood.example.org"])
def test_names_of_this_machine_are_for_what_watches_the_site(host: str) -> None:
    client = Client(HTTP_HOST=host)
    assert [client.get(path).status_code for path in ("/healthz", "/metrics")] == [200, 200]


@pytest.mark.django_db
@pytest.mark.usefixtures("public")
def test_a_refusal_has_the_headers_of_every_answer_and_sets_no_cookie() -> None:
    answer = Client(HTTP_HOST="evil.example", **PROXIED).get("/accounts/login/")  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert {"Content-Security-Policy", "X-Content-Type-Options", "Permissions-Policy"} <= set(answer.headers)
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.usefixtures("public")
def test_without_tls_a_page_leads_to_the_address_of_the_site(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client(HTTP_HOST="evil.example").get("/privacy/")["Location"] == f"{SITE}/privacy/"


@pytest.mark.django_db
@pytest.mark.usefixtures("public")
def test_what_watches_the_site_asks_at_no_foreign_name() -> None:
    assert Client(HTTP_HOST="evil.example").get("/healthz").status_code == 400


@pytest.mark.django_db
@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("host", ["mood.example.org", "MOOD.example.org:443", "mood.example.org."])
def test_every_link_in_a_mail_has_the_address_of_the_site(host: str, alice: User) -> None:
    client = Client(HTTP_HOST=host, HTTP_X_FORWARDED_HOST="evil.example", **PROXIED)  # type: ignore[arg-type]
    for address in (alice.email, "nobody@example.org"):
        client.post(reverse("account_reset_password"), {"email": address})
    client.post(reverse("account_signup"), {"email": alice.email, "password1": PASSWORD, "password2": PASSWORD})
    assert len(mail.outbox) == 2
    links = [link for sent in mail.outbox for link in re.findall(r"https?://[^/\s\"<]+", str(sent.message()))]
    assert set(links) == {SITE}


@pytest.mark.django_db
@pytest.mark.usefixtures("public")
def test_a_further_name_leads_to_the_address_of_the_site_and_takes_what_programs_send(alice: User) -> None:
    client = Client(HTTP_HOST="old.example.org", **PROXIED)  # type: ignore[arg-type]
    answer = client.get("/privacy/?a=1")
    assert (answer.status_code, answer["Location"]) == (302, f"{SITE}/privacy/?a=1")
    client.post(reverse("account_reset_password"), {"email": alice.email})
    assert set(re.findall(r"https?://[^/\s]+", str(mail.outbox[0].body))) == {SITE}


@pytest.mark.django_db
def test_on_ones_own_machine_its_names_are_one(settings: Any, alice: User) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    settings.ALLOWED_HOSTS = ["localhost"]
    assert Client(HTTP_HOST="127.0.0.1:8000").get("/")["Location"] == "http://localhost:8000/"
    assert Client(HTTP_HOST="[::1]:8000").get("/")["Location"] == "http://localhost:8000/"
    assert Client(HTTP_HOST="localhost:8000").get("/").status_code == 200
    assert Client(HTTP_HOST="localhost:9000").get("/").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "host"), [("http://[::1]:8000", "[::1]:8000"), ("https://xn--mll-hoa.example", "xn--mll-hoa.example")]
)
def test_an_address_of_six_and_an_umlaut_domain_are_served(address: str, host: str, settings: Any, alice: User) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = address, [host.removesuffix(":8000")]
    client = Client(HTTP_HOST=host)
    sign_in(client, alice)
    assert client.get("/you/").status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("public")
def test_a_style_sheet_is_served_at_any_name_for_the_page_that_refuses() -> None:
    answer = Client(HTTP_HOST="evil.example", **PROXIED).get("/static/css/base.css")  # type: ignore[arg-type]
    answer.close()
    assert answer.status_code == 200


def test_the_schema_names_the_address_of_the_site() -> None:
    from wellbeing import settings as site

    assert site.SPECTACULAR_SETTINGS["SERVERS"] == [{"url": "http://localhost:8000"}]
