"""Signing in with the organisation: a provider of our own answers, on a free port, as OpenID Connect Discovery says."""

import base64
import hashlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD, sign_in
from wellbeing.env import oidc_apps

pytestmark = pytest.mark.django_db

START, CALLBACK = "/accounts/oidc/work/login/", "/accounts/oidc/work/login/callback/"


class Provider:
    """Discovery, keys, token and userinfo of an identity provider; the test plays the person in front of it."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
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
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield made
    made.close()


def sign_in_there(client: Client, provider: Provider, *, process: str = "login") -> Any:
    """Start here, agree there, and come back; the answer to coming back."""
    asked = parse_qs(urlsplit(client.post(f"{START}?process={process}")["Location"]).query)
    provider.challenge = asked["code_challenge"][0]
    return client.get(CALLBACK, {"code": "one-time", "state": asked["state"][0]})


def user_in(client: Client) -> str | None:
    value: str | None = client.session.get("_auth_user_id")
    return value


def test_the_way_there_asks_for_a_code_with_a_challenge(client: Client, provider: Provider) -> None:
    assert "Sign in with Example Ltd" in client.get("/accounts/login/").content.decode()
    assert client.get(START).status_code == 200
    where = urlsplit(client.post(START)["Location"])
    asked = parse_qs(where.query)
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
    sign_in_there(client, provider, process="connect")
    assert not SocialAccount.objects.exists()
    sign_in(client, alice)
    sign_in_there(client, provider, process="connect")
    assert SocialAccount.objects.get().user == alice
    elsewhere = Client()
    sign_in_there(elsewhere, provider)
    assert user_in(elsewhere) == str(alice.pk)


def test_a_connected_sign_in_belongs_to_one_account(alice: User, bob: User, client: Client, provider: Provider) -> None:
    SocialAccount.objects.create(user=alice, provider="work", uid="alice-at-work")
    provider.claims = {"sub": "alice-at-work", "email": bob.email, "email_verified": True}
    sign_in(client, bob)
    sign_in_there(client, provider, process="connect")
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
    state = parse_qs(urlsplit(client.post(START)["Location"]).query)["state"][0]
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
