"""What of the organisation's sign-in can be tried without a person: what it says of itself, its clock, our secret."""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.urls import reverse

_TIMEOUT_SECONDS: Final = 10
#: An id token lives for minutes, and is refused when it seems to come from the future.
_CLOCK_SECONDS: Final = 60
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_ABILITIES: Final = (
    ("response_types_supported", "code"),
    ("scopes_supported", "openid"),
    ("scopes_supported", "email"),
    ("code_challenge_methods_supported", "S256"),
)

Finding = tuple[bool, str]


def get_redirect_address() -> str:
    """What the provider has to know this site by."""
    return str(settings.PUBLIC_URL + reverse("openid_connect_callback", args=[settings.OIDC_PROVIDER_ID]))


def try_sign_on(app: dict[str, Any]) -> Iterator[Finding]:
    """Whether each thing is as it should be, and a sentence on it. `app`: as `wellbeing.env.oidc_apps` makes it.

    Raises requests.RequestException when the provider does not answer at all.
    """
    issuer = settings.OIDC_ISSUER
    answer = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=_TIMEOUT_SECONDS)
    answer.raise_for_status()
    known = answer.json()
    itself = str(known.get("issuer", ""))
    yield itself.rstrip("/") == issuer, f"its issuer is {itself!r}, ours {issuer!r}"
    yield from _try_endpoints(known)
    yield from _try_abilities(known)
    yield from _try_clock(answer.headers.get("Date", ""))
    if "token_endpoint" in known:
        yield _try_secret(known, app)


def _try_endpoints(known: dict[str, Any]) -> Iterator[Finding]:
    for name in _ENDPOINTS:
        address = known.get(name, "")
        secure = urlsplit(address).scheme == "https" or urlsplit(settings.OIDC_ISSUER).scheme == "http"
        yield bool(address) and secure, f"{name}: {address or 'missing'}"


def _try_abilities(known: dict[str, Any]) -> Iterator[Finding]:
    """Only what it says of itself counts: it may leave a list out."""
    for name, needed in (
        ("response_types_supported", "code"),
        ("scopes_supported", "openid"),
        ("scopes_supported", "email"),
    ):
        yield needed in known.get(name, [needed]), f"{name} has {needed}"
    challenges = known.get("code_challenge_methods_supported", ["S256"])
    yield "S256" in challenges, "code_challenge_methods_supported has S256"
    told = "auth_time" in known.get("claims_supported", ["auth_time"])
    yield told, "claims_supported has auth_time, without which nobody can confirm by it who they are"


def _try_clock(date: str) -> Iterator[Finding]:
    if not date:
        return
    off = parsedate_to_datetime(date).timestamp() - time.time()
    yield abs(off) < _CLOCK_SECONDS, f"its clock differs from ours by {abs(off):.0f} s"


def _try_secret(known: dict[str, Any], app: dict[str, Any]) -> Finding:
    """Asks for a token with a code that nobody was given: a provider that knows us refuses the code alone."""
    asked = {"grant_type": "authorization_code", "code": "a-try", "redirect_uri": get_redirect_address()}
    asked |= {"code_verifier": "a-try-" * 10}
    by_post = "client_secret_post" in known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    ours = {"client_id": app["client_id"], "client_secret": app["secret"]}
    answer = requests.post(
        known["token_endpoint"],
        data=asked | ours if by_post else asked,
        auth=None if by_post else (app["client_id"], app["secret"]),
        timeout=_TIMEOUT_SECONDS,
    )
    try:
        said = str(answer.json().get("error", ""))
    except ValueError:
        said = ""
    return said == "invalid_grant", f"client id and secret: the token endpoint said {said or answer.status_code}"
