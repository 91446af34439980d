"""What strangers and administrators get to see of Alice, at every address there is: nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import get_resolver

from emotion.journal import append_entry, read_journal
from emotion.models import Capture, Consent, Entry, Lock, Vault
from emotion.services.vaults import create_vault
from tests.addresses import every_address, every_route
from wellbeing.keystore.models import ErasureKey
from wellbeing.models import User

MARK = "marmalade-7731"
PASSPHRASE = "quilted otter drums vivid canyon"


class Alice:
    """A person with one of everything private."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.opened, self.code = create_vault(user=user, passphrase=PASSPHRASE)
        self.vault = Vault.objects.get(user=user)
        self.consent = Consent.objects.create(user=user, purpose="camera", text_version="1", text_hash="0" * 64)
        self.capture = Capture.objects.create(id=uuid4(), vault=self.vault, state="recorded")
        self.entries = [self._append(kind, data) for kind, data in self._journal()]

    def _journal(self) -> Iterator[tuple[str, dict[str, object]]]:
        p = [0.0101, 0.0202, 0.0303, 0.8171, 0.0404, 0.0505, 0.0314]
        reading = {"capture": str(self.capture.pk), "outcome": "reading", "p": p, "quality": 0.9, "model": MARK}
        yield "reading", reading
        yield "checkin", {"pleasantness": 0.5, "energy": 0.1, "words": [MARK], "note": MARK}
        yield "suggestion", {"activity": MARK, "reason": {"text": MARK}, "propensity": 0.25}

    def _append(self, kind: str, data: dict[str, object]) -> UUID:
        return append_entry(vault=self.vault, kind=kind, data=data, at=datetime.now(tz=UTC))

    @property
    def secrets(self) -> list[str]:
        ids = [self.vault.pk, self.consent.pk, self.capture.pk, *self.entries]
        return [MARK, "0.8171", self.code, PASSPHRASE, *map(str, ids), *(UUID(str(i)).hex for i in ids)]

    def rows(self) -> list[object]:
        return [
            list(model.objects.filter(**{owner: self.user.pk if "user" in owner else self.vault.pk}).values())
            for model, owner in (
                (Vault, "user"), (Consent, "user"), (Lock, "vault"), (Capture, "vault"), (Entry, "vault"),
                (ErasureKey, "vault_id"),
            )
        ]  # fmt: skip


@pytest.fixture
def private(alice: User) -> Alice:
    return Alice(alice)


def _addresses(private: Alice) -> list[str]:
    ids = [str(i) for i in (private.vault.pk, private.capture.pk, private.consent.pk, *private.entries)]
    every = every_address({"*": [str(private.user.pk), *ids], "app_label": ["emotion", "keystore", "wellbeing"]})
    # The admin repeats an id it does not know in its next message; nothing private is registered there.
    return [where for where in every if not (where.startswith("/admin/") and any(i in where for i in ids))]


def _read(response: object) -> str:
    content = b"".join(response.streaming_content) if getattr(response, "streaming", False) else response.content  # type: ignore[attr-defined]
    return content.decode(errors="replace")


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["anonymous", "bob", "root"])
def test_no_address_shows_or_changes_anything_of_alice(
    role: str, private: Alice, request: pytest.FixtureRequest
) -> None:
    client = Client() if role == "anonymous" else request.getfixturevalue(f"{role}_client")
    client.raise_request_exception = False
    before = private.rows()
    addresses = _addresses(private)
    assert len(addresses) > 80
    leaks, crashes = [], []
    for address in addresses:
        for method in ("get", "post", "put", "delete"):
            if method != "get" and address.startswith(("/accounts/logout", "/admin/logout", "/vault/new")):
                continue
            response = getattr(client, method)(address)
            text = _read(response) + str(response.headers)
            # An address repeats what was asked for; what matters is what it adds.
            text = text.replace(address, "")
            leaks += [f"{method} {address}: {secret}" for secret in private.secrets if secret in text]
            crashes += [f"{method} {address}"] if response.status_code >= 500 and address != "/readyz" else []
    assert leaks == []
    assert crashes == []
    assert private.rows() == before


@pytest.mark.django_db
def test_the_journal_held_data_that_could_have_leaked(private: Alice) -> None:
    entries = read_journal(private.opened).entries
    assert [entry.kind for entry in entries] == ["reading", "checkin", "suggestion"]
    assert MARK in str([entry.data for entry in entries])


@pytest.mark.django_db
def test_every_private_page_asks_a_visitor_to_sign_in(client: Client) -> None:
    public = {"", "privacy/", "support/", "healthz", "readyz", "metrics", "api/v1/schema/", "static/<path:path>"}
    prefixes = ("accounts/", "admin/", "support/", "static/")
    for route in every_route():
        if route in public or route.startswith(prefixes):
            continue
        address = "/" + re.sub(r"<[^>]+>", str(uuid4()), route)
        response = client.get(address)
        if route.startswith("api/"):
            assert (address, response.status_code) == (address, 403)
        else:
            assert response.status_code == 302, address
            assert response["Location"].startswith("/accounts/login/"), address


def test_the_crawl_knows_every_pattern() -> None:
    assert len(list(every_route())) >= len(get_resolver().reverse_dict) // 4
