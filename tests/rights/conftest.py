"""Alice's journal with one of everything."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.choices import Event
from accounts.models import User
from tests.entries import checkin, feedback, reading, suggestion
from tests.signed import agree
from tests.vaults import hold_open_in, make_vault
from vault.journal.entries import OpenedVault, append_entry
from vault.journal.kinds import Camera, Correction, Kind
from vault.services.audit import record_event

P = (0.0101, 0.0202, 0.0303, 0.8171, 0.0404, 0.0505, 0.0314)
REASON = {"rule": "few", "days": 7, "grade": "B", "readings": 1}
NOTE = "=marmalade, ünïcode 日本 🙂"


def fill(user: User) -> None:
    """A vault's worth of entries over two months."""
    start = datetime(2026, 9, 29, 7, 30, 12, 345678, tzinfo=UTC)

    def add(entry: Kind, hours: float) -> UUID:
        return append_entry(vault=user.vault, entry=entry, at=start + timedelta(hours=hours))

    first = add(reading(p=P, model="vgg16-1"), 0)
    add(reading(p=None, outcome="too_dark", quality=0.1, model="vgg16-1"), 1)
    add(Correction(of=first, expression="surprise"), 2)
    add(checkin(0.5, -0.25, "calm", "proud", note=NOTE), 3)
    offer = add(suggestion(reason=REASON), 50)
    add(feedback(offer, "did", 2), 51)
    for number, ended in enumerate(("sent", "discarded", "discarded", "denied")):
        add(Camera(use=uuid4(), trigger="manual", ended=ended), 72 + number)
    record_event(user=user, event=Event.VAULT_OPENED, detail="Firefox on Linux")


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    opened = make_vault(alice)
    agree(alice, ended_at=timezone.now())
    fill(alice)
    return opened


@pytest.fixture
def open_client(alice: User, alice_client: Client, opened: OpenedVault) -> Client:
    hold_open_in(alice_client, alice, opened)
    return alice_client
