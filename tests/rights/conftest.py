"""Alice's journal with one of everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from emotion.services.consents import give_consent, withdraw_consent
from tests.vaults import hold_open_in, make_vault
from vault.journal import OpenedVault, append_entry
from vault.services.audit import record_event

P = [0.0101, 0.0202, 0.0303, 0.8171, 0.0404, 0.0505, 0.0314]
REASON = {"rule": "few", "days": 7, "grade": "B", "readings": 1}
NOTE = "=marmalade, ünïcode 日本 🙂"


def fill(user: User) -> None:
    """A vault's worth of entries over two months."""
    start = datetime(2026, 9, 29, 7, 30, 12, 345678, tzinfo=UTC)

    def add(kind: str, data: dict[str, Any], hours: float) -> str:
        return str(append_entry(vault=user.vault, kind=kind, data=data, at=start + timedelta(hours=hours)))  # type: ignore[attr-defined]

    reading = {"capture": str(uuid4()), "outcome": "reading", "p": P, "quality": 0.9, "model": "vgg16-1"}
    first = add("reading", reading, 0)
    add("reading", {**reading, "capture": str(uuid4()), "outcome": "too_dark", "p": None, "quality": 0.1}, 1)
    add("correction", {"of": first, "expression": "surprise"}, 2)
    add("checkin", {"pleasantness": 0.5, "energy": -0.25, "words": ["calm", "proud"], "note": NOTE}, 3)
    offer = add("suggestion", {"activity": "walk", "slot": 0, "reason": REASON, "propensity": 0.25}, 50)
    add("feedback", {"suggestion": offer, "activity": "walk", "answer": "did", "helped": 2}, 51)
    for number, ended in enumerate(("sent", "discarded", "discarded", "denied")):
        add("camera", {"use": str(uuid4()), "trigger": "manual", "ended": ended}, 72 + number)
    record_event(user=user, event="vault_opened", detail="Firefox on Linux")


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    opened = make_vault(alice)
    give_consent(user=alice, text_version=CONSENT_TEXT.version)
    withdraw_consent(user=alice)
    fill(alice)
    return opened


@pytest.fixture
def open_client(alice: User, alice_client: Client, opened: OpenedVault) -> Client:
    hold_open_in(alice_client, alice, opened)
    return alice_client
