"""Signing in with the organisation: a provider of our own answers, on a free port, as OpenID Connect Discovery says."""

import base64
import hashlib
import html
import http.server
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.conftest import PASSWORD, sign_in
from wellbeing.env import oidc_apps

pytestmark = pytest.mark.django_db

START, CALLBACK = "/accounts/oidc/work/login/", "/accounts/oidc/work/login/callback/"
CONNECT, CONFIRM = f"{START}?process=connect", "/accounts/oidc/confirm/?next=/you/leave/"
AGO = 20 * 60


class Provider:
    """Discovery, keys, token and userinfo of an identity provider; the test plays the person in front of it."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        #: What it answers at these paths instead of what it should.
        self.broken: dict[str, tuple[int, str]] = {}
        self.challenge = ""
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._answer(self, "")

            def do_POST(self) -> None:
                provider._answer(self, self.rfile.read(int(self.headers["Content-Length"])).decode())

            def log_message(self, *args: Any) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _answer(self, handler: http.server.BaseHTTPRequestHandler, body: str) -> None:
        path = urlsplit(handler.path).path
        if path in self.broken:
            status, text = self.broken[path]
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.end_headers()
            handler.wfile.write(text.encode())
            return
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "/.well-known/openid-configuration": self._discovery,
            "/keys": self._keys,
            "/token": lambda: self._token(parse_qs(body)),
            "/userinfo": lambda: self.claims,
        }
        answer = answers[path]()
        handler.send_response(400 if "error" in answer else 200)
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        handler.wfile.write(json.dumps(answer).encode())

    def _discovery(self) -> dict[str, Any]:
        ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in ends.items()},
        }

    def _keys(self) -> dict[str, Any]:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [key | {"kid": "1", "alg": "RS256", "use": "sig"}]}

    def _token(self, asked: dict[str, list[str]]) -> dict[str, Any]:
        verifier = base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"][0].encode()).digest()).rstrip(b"=")
        if asked["code"] != ["one-time"] or verifier.decode() != self.challenge:
            return {"error": "invalid_grant"}
        about = {"iss": self.issuer, "aud": "wellbeing", "iat": 1_700_000_000, "exp": 4_000_000_000}
        token = jwt.encode(about | self.claims, self._key, algorithm="RS256", headers={"kid": "1"})
        return {"access_token": "token-7731", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    made = Provider()
    settings.OIDC_ISSUER = made.issuer
    app = {
        "provider_id": "work",
        "name": "Example Ltd",
        "client_id": "wellbeing",
        "secret": "client-secret",
        "settings": {"server_url": made.issuer},
    }
    ours = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": ours | {"APPS": [app]}}
    yield made
    made.close()


def led_to(answer: Any) -> str:
    """Where a page leads on to."""
    [address] = re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.content.decode())
    return html.unescape(address)


def sign_in_there(client: Client, provider: Provider, start: str = START) -> Any:
    """Start here, agree there, and come back; the answer to coming back."""
    asked = parse_qs(urlsplit(led_to(client.post(start))).query)
    provider.challenge = asked["code_challenge"][0]
    return client.get(CALLBACK, {"code": "one-time", "state": asked["state"][0]})


def user_in(client: Client) -> str | None:
    value: str | None = client.session.get("_auth_user_id")
    return value


def test_the_way_there_asks_for_a_code_with_a_challenge(client: Client, provider: Provider) -> None:
    assert "Sign in with Example Ltd" in client.get("/accounts/login/").content.decode()
    assert client.get(START).status_code == 200
    answer = client.post(f"{START}?scope=profile&auth_params=prompt%3Dnone")
    # Chromium would hold a redirect against it, wherever the provider's sign-in page stands.
    assert (answer.status_code, "form-action 'self';" in answer["Content-Security-Policy"]) == (200, True)
    where = urlsplit(led_to(answer))
    asked = parse_qs(where.query)
    assert sorted(asked["scope"][0].split()) == ["email", "openid"]
    assert "prompt" not in asked
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{provider.issuer}/authorize"
    assert (asked["response_type"], asked["client_id"]) == (["code"], ["wellbeing"])
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/accounts/oidc/work/login/callback/"]


def test_somebody_new_gets_an_account_and_nothing_else_is_kept(client: Client, provider: Provider) -> None:
    provider.claims = {
        "sub": "u1", "email": "new@example.org", "email_verified": True, "name": "Nora Neu", "groups": ["sales"],
    }  # fmt: skip
    sign_in_there(client, provider)
    user = User.objects.get(email="new@example.org")
    assert user_in(client) == str(user.pk)
    assert (user.first_name, user.last_name, user.is_staff, user.has_usable_password()) == ("", "", False, False)
    account = SocialAccount.objects.get()
    assert (account.uid, account.extra_data) == ("u1", {})
    assert not SocialToken.objects.exists()
    again = Client()
    sign_in_there(again, provider)
    assert user_in(again) == str(user.pk)
    assert SocialAccount.objects.get().extra_data == {}


@pytest.mark.parametrize("verified", [True, False])
def test_the_same_address_takes_over_no_account(
    verified: bool, alice: User, client: Client, provider: Provider
) -> None:
    provider.claims = {"sub": "somebody", "email": alice.email, "email_verified": verified}
    sign_in_there(client, provider)
    assert user_in(client) is None
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == 1


def test_connecting_needs_to_be_signed_in_first(alice: User, client: Client, provider: Provider) -> None:
    provider.claims = {"sub": "alice-at-work", "email": alice.email, "email_verified": True}
    assert client.post(CONNECT)["Location"].startswith("/accounts/login/?next=")
    assert not SocialAccount.objects.exists()
    sign_in(client, alice)
    sign_in_there(client, provider, CONNECT)
    assert SocialAccount.objects.get().user == alice
    elsewhere = Client()
    sign_in_there(elsewhere, provider)
    assert user_in(elsewhere) == str(alice.pk)


def test_connecting_asks_who_is_there(alice: User, client: Client, provider: Provider) -> None:
    sign_in(client, alice, seconds_ago=AGO)
    assert client.post(CONNECT)["Location"].startswith("/accounts/reauthenticate/")


@pytest.fixture
def anna(provider: Provider) -> User:
    """She signs in with the organisation alone."""
    user = User.objects.create_user("anna@example.org")
    SocialAccount.objects.create(user=user, provider="work", uid="anna")
    provider.claims = {"sub": "anna", "email": user.email}
    return user


def age_session(client: Client) -> None:
    """As if everything in it had been proved twenty minutes earlier."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= AGO
    session.save()


def proofs_in(client: Client) -> int:
    return sum(bool(record.get("reauthenticated")) for record in client.session["account_authentication_methods"])


@pytest.mark.parametrize(
    "page", ["/you/leave/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/password/set/"]
)
def test_who_signs_in_with_the_organisation_alone_confirms_there(
    page: str, anna: User, client: Client, provider: Provider
) -> None:
    sign_in_there(client, provider)
    assert client.get(page)["Location"] == f"/accounts/oidc/confirm/?next={page.replace('/', '%2F')}"


def test_confirming_asks_for_a_fresh_sign_in_and_leads_back(anna: User, client: Client, provider: Provider) -> None:
    sign_in_there(client, provider)
    assert "Sign in at Example Ltd again" in client.get(CONFIRM).content.decode()
    asked = parse_qs(urlsplit(led_to(client.post(CONFIRM))).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    # The clock there is an hour wrong, which takes nothing away.
    there = int(time.time()) - 3600
    provider.claims |= {"iat": there, "auth_time": there - 1}
    key = client.session.session_key
    assert sign_in_there(client, provider, CONFIRM)["Location"] == "/you/leave/"
    assert (proofs_in(client), client.session.session_key) == (1, key)
    assert client.get("/you/leave/").status_code == 200
    age_session(client)
    assert client.get("/you/leave/").status_code == 302


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"iat": 1_700_000_000, "auth_time": 1_700_000_000 - AGO}, "let you through without asking who you are"),
        ({}, "did not say when it last asked who you are"),
        ({"auth_time": "now"}, "did not say when it last asked who you are"),
        ({"sub": "mallory", "iat": 1_700_000_000, "auth_time": 1_700_000_000}, "Somebody else signed in there"),
    ],
)
def test_what_is_no_fresh_sign_in_of_the_same_person_proves_nothing(
    claims: dict[str, Any], said: str, anna: User, bob: User, client: Client, provider: Provider
) -> None:
    SocialAccount.objects.create(user=bob, provider="work", uid="mallory")
    sign_in_there(client, provider)
    provider.claims = provider.claims | claims
    answer = sign_in_there(client, provider, CONFIRM)
    assert (answer.status_code, said in answer.content.decode()) == (403, True)
    assert (proofs_in(client), user_in(client)) == (0, str(anna.pk))
    assert client.get("/you/leave/").status_code == 302


def test_an_id_token_of_somebody_else_proves_nothing(anna: User, client: Client, provider: Provider) -> None:
    """Userinfo, which says who it is, and the id token, which says when, have to be about one person."""
    sign_in_there(client, provider)
    provider.broken["/userinfo"] = (200, json.dumps(provider.claims))
    provider.claims = provider.claims | {"sub": "mallory", "iat": 1_700_000_000, "auth_time": 1_700_000_000}
    assert sign_in_there(client, provider, CONFIRM).status_code == 403
    assert proofs_in(client) == 0


DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("path", "answers", "status", "logged"),
    [
        (DISCOVERY, (500, "secret-claim"), 503, f"HTTPError 500 at ISSUER{DISCOVERY}"),
        (DISCOVERY, (200, "<html>secret-claim"), 503, "JSONDecodeError"),
        (DISCOVERY, (200, "{}"), 503, "KeyError"),
        (
            "/token",
            (401, '{"error": "invalid_client", "who": "secret-claim"}'),
            401,
            "invalid_client at the token endpoint",
        ),
        ("/token", (500, "secret-claim"), 401, "OAuth2Error"),
        ("/userinfo", (500, "secret-claim"), 401, "HTTPError 500 at ISSUER/userinfo"),
        ("/userinfo", (200, '{"email": "secret-claim"}'), 503, "KeyError"),
    ],
)
def test_a_provider_that_fails_gives_a_page_and_a_line_with_kind_and_place(
    path: str, answers: tuple[int, str], status: int, logged: str,
    client: Client, provider: Provider, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    provider.claims = {"sub": "u1", "email": "new@example.org"}
    if path == DISCOVERY:
        provider.broken[path] = answers
        answer = client.post(START)
    else:
        address = led_to(client.post(START))
        asked = parse_qs(urlsplit(address).query)
        provider.challenge, provider.broken[path] = asked["code_challenge"][0], answers
        answer = client.get(CALLBACK, {"code": "one-time", "state": asked["state"][0]})
    assert answer.status_code == status
    lines = [record.getMessage() for record in caplog.records if record.name == "accounts.sign_on"]
    assert lines == [f"sign-on: {logged.replace('ISSUER', provider.issuer)}"]
    assert "secret-claim" not in caplog.text
    assert user_in(client) is None


def test_a_provider_that_is_away_gives_a_page(
    client: Client, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    state = parse_qs(urlsplit(led_to(client.post(START))).query)["state"][0]
    provider.close()
    for answer in (client.post(START), client.get(CALLBACK, {"code": "one-time", "state": state})):
        assert answer.status_code == 503
        assert "Example Ltd cannot be reached" in answer.content.decode()
    lines = [record.getMessage() for record in caplog.records if record.name == "accounts.sign_on"]
    assert lines == [f"sign-on: ConnectionError at {provider.issuer}{DISCOVERY}"] * 2


def test_what_the_provider_sends_back_with_is_logged_as_a_code_alone(
    client: Client, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    for said in ("temporarily_unavailable", "anna@example.org says hello"):
        state = parse_qs(urlsplit(led_to(client.post(START))).query)["state"][0]
        client.get(CALLBACK, {"error": said, "state": state})
    lines = [record.getMessage() for record in caplog.records if record.name == "accounts.sign_on"]
    assert lines == [
        "sign-on: the provider answered temporarily_unavailable",
        "sign-on: an answer nobody here asked for",
    ]


def test_no_claim_is_ever_written(anna: User, client: Client, provider: Provider) -> None:
    provider.claims |= {"name": "Anna Secret-Claim"}
    with CaptureQueriesContext(connection) as queries:
        sign_in_there(client, provider)
    assert "Secret-Claim" not in "".join(query["sql"] for query in queries)


def test_a_connected_sign_in_belongs_to_one_account(alice: User, bob: User, client: Client, provider: Provider) -> None:
    SocialAccount.objects.create(user=alice, provider="work", uid="alice-at-work")
    provider.claims = {"sub": "alice-at-work", "email": bob.email, "email_verified": True}
    sign_in(client, bob)
    sign_in_there(client, provider, CONNECT)
    assert SocialAccount.objects.get().user == alice


def test_a_second_factor_is_asked_for_all_the_same(alice: User, client: Client, provider: Provider) -> None:
    from accounts.allauth_internals import TOTP
    from tests.second_factors import SEED

    TOTP.activate(alice, SEED)
    SocialAccount.objects.create(user=alice, provider="work", uid="alice-at-work")
    provider.claims = {"sub": "alice-at-work", "email": alice.email, "email_verified": True}
    assert sign_in_there(client, provider)["Location"] == "/accounts/2fa/authenticate/"
    assert user_in(client) is None


def test_a_foreign_state_or_code_signs_nobody_in(alice: User, client: Client, provider: Provider) -> None:
    SocialAccount.objects.create(user=alice, provider="work", uid="alice-at-work")
    provider.claims = {"sub": "alice-at-work", "email": alice.email, "email_verified": True}
    state = parse_qs(urlsplit(led_to(client.post(START))).query)["state"][0]
    assert "That did not work" in client.get(CALLBACK, {"code": "one-time", "state": "forged"}).content.decode()
    assert user_in(client) is None
    stranger = Client()
    stranger.get(CALLBACK, {"code": "one-time", "state": state})
    assert user_in(stranger) is None


def test_closed_sign_up_lets_in_only_who_is_connected(settings: Any, client: Client, provider: Provider) -> None:
    settings.OIDC_SIGNUP = False
    provider.claims = {"sub": "u1", "email": "new@example.org", "email_verified": True}
    sign_in_there(client, provider)
    assert user_in(client) is None
    assert not User.objects.exists()


def test_without_a_provider_nothing_of_it_is_shown(client: Client, alice: User) -> None:
    assert "Sign in with" not in client.get("/accounts/login/").content.decode().replace("Sign in with a passkey", "")
    assert client.post(START).status_code == 404
    sign_in(client, alice)
    assert "organisation" not in client.get("/you/").content.decode()
    assert PASSWORD not in client.get("/you/").content.decode()


@pytest.mark.parametrize(
    ("issuer", "variables", "said"),
    [
        ("login.example.org", {}, "must look like https://"),
        ("https://login.example.org", {}, "also needs WELLBEING_OIDC_CLIENT_ID"),
        (
            "https://login.example.org",
            {"WELLBEING_OIDC_CLIENT_ID": "x", "WELLBEING_OIDC_CLIENT_SECRET_FILE": "/nowhere"},
            "WELLBEING_OIDC_CLIENT_SECRET_FILE names /nowhere, which cannot be read",
        ),
    ],
)
def test_a_wrong_setting_stops_in_one_sentence(
    issuer: str, variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=said):
        oidc_apps("work", issuer)
    assert oidc_apps("work", "") == []
