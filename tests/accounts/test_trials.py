"""The commands that try mail and sign-on before the first employee does."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.sign_on_trial import try_sign_on
from tests.oidc import RealProvider, running_provider, use_provider
from tests.site import free_port
from tests.smtp import running_mail_server

CALLBACK = "http://testserver/accounts/oidc/work/login/callback/"
APP = {"client_id": "wellbeing", "secret": "client-secret"}


def run(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_a_mail_is_sent_at_once_and_what_is_used_is_said(settings: Any) -> None:
    with running_mail_server() as server:
        settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = server.host, server.port, False
        said = run("try_mail", "ops@example.org")
        assert [str(message["To"]) for message in server.taken] == ["ops@example.org"]
        server.answer = "550 no such user"
        with pytest.raises(CommandError, match=r"It was not sent\. SMTPRecipientsRefused: .*no such user"):
            run("try_mail", "ops@example.org")
    assert f"To 127.0.0.1:{server.port}, without TLS, without a login" in said
    assert "The mail server took it, from Wellbeing <wellbeing@localhost>." in said
    with pytest.raises(CommandError, match=r"It was not sent\. ConnectionRefusedError"):
        run("try_mail", "ops@example.org")


def test_without_a_mail_server_nothing_is_tried() -> None:
    with pytest.raises(CommandError, match="WELLBEING_EMAIL_HOST names no mail server"):
        run("try_mail", "ops@example.org")


@pytest.fixture
def provider(settings: Any) -> Iterator[RealProvider]:
    with running_provider(CALLBACK) as running:
        use_provider(settings, running)
        yield running


def test_a_sound_provider_is_found_sound(provider: RealProvider) -> None:
    said = run("try_sign_on")
    assert f"The provider has to know this redirect address: {CALLBACK}" in said
    assert "ok    client id and secret: the token endpoint said invalid_grant" in said
    assert "WRONG" not in said


def test_a_wrong_secret_is_found(provider: RealProvider, settings: Any) -> None:
    use_provider(settings, provider, secret="wrong")
    with pytest.raises(CommandError, match="1 wrong"):
        run("try_sign_on")
    [fault] = [words for is_good, words in try_sign_on(APP | {"secret": "wrong"}) if not is_good]
    assert fault == "client id and secret: the token endpoint said invalid_client"


def test_a_provider_that_is_away_is_said(settings: Any) -> None:
    away = f"http://localhost:{free_port()}"
    use_provider(settings, RealProvider(away, away))
    with pytest.raises(CommandError, match=f"{away} does not answer as it should"):
        run("try_sign_on")
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    with pytest.raises(CommandError, match="WELLBEING_OIDC_ISSUER names no provider"):
        run("try_sign_on")


class Answer:
    """Of `requests`."""

    headers = {"Date": "Mon, 30 Nov 2026 09:00:00 GMT"}
    status_code = 500

    def __init__(self, content: Any) -> None:
        self._content = content

    def raise_for_status(self) -> None:
        return

    def json(self) -> Any:
        return self._content


def test_each_thing_that_would_keep_people_out_is_named(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OIDC_ISSUER = "https://login.example.org"
    known = {
        "issuer": "https://other.example.org",
        "authorization_endpoint": "http://login.example.org/authorize",
        "token_endpoint": "https://login.example.org/token",
        "userinfo_endpoint": "https://login.example.org/userinfo",
        "scopes_supported": ["openid"],
        "code_challenge_methods_supported": ["plain"],
        "claims_supported": ["sub"],
    }
    monkeypatch.setattr("accounts.sign_on_trial.requests.get", lambda *_, **__: Answer(known))
    monkeypatch.setattr("accounts.sign_on_trial.requests.post", lambda *_, **__: Answer({}))
    faults = [words for is_good, words in try_sign_on(APP) if not is_good]
    assert [words.split(",")[0].split(" has ")[0].partition(" by ")[0] for words in faults] == [
        "its issuer is 'https://other.example.org'",
        "authorization_endpoint: http://login.example.org/authorize",
        "jwks_uri: missing",
        "scopes_supported",
        "code_challenge_methods_supported",
        "claims_supported",
        "its clock differs from ours",
        "client id and secret: the token endpoint said 500",
    ]
