import os
import re
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from redis import Redis

from accounts.models import User
from emotion.models import Capture
from emotion.services.worker_health import load_model, report
from tests.valkey import AWAY
from tests.vaults import make_vault
from vault.models import Vault

pytestmark = pytest.mark.django_db


def test_alive_needs_nothing_else(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def test_ready_needs_a_worker_with_a_loaded_model(client: Client, valkey: Redis) -> None:
    before = client.get("/readyz")
    assert (before.status_code, before.json()["checks"]) == (
        503,
        {"database": True, "disk": True, "broker": True, "worker": False},
    )
    load_model()
    report(children=[os.getpid()])
    after = client.get("/readyz")
    assert (after.status_code, after.json()["status"]) == (200, "ready")
    assert after.json()["model"].startswith("vgg16")


def test_without_redis_it_is_not_ready_and_says_so(client: Client, settings: Settings) -> None:
    settings.BLOBS_URL = AWAY
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["worker"]) == (503, False)
    assert b"wellbeing_worker_up 0.0" in client.get("/metrics").content


def test_metrics_count_and_name_nobody(client: Client, alice: User, valkey: Redis) -> None:
    make_vault(alice)
    vault = Vault.objects.get(user=alice)
    Capture.objects.create(id=uuid4(), vault=vault, state="recorded")
    Capture.objects.create(id=uuid4(), vault=vault, sealed_key=b"key")
    answer = client.get("/metrics")
    text = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert re.findall(r'wellbeing_captures{state="(\w+)"} (\S+)', text) == [
        ("queued", "1.0"),
        ("expired", "0.0"),
        ("failed", "0.0"),
    ]
    assert "wellbeing_queue_messages 0.0" in text
    assert set(re.findall(r'(\w+)="', text)) == {"state"}
    assert str(alice.pk) not in re.findall(r'"(\w+)"', text)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer "},
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer other"},
    ],
)
def test_metrics_are_not_there_for_who_asks_from_elsewhere(
    client: Client, settings: Settings, elsewhere: dict[str, str]
) -> None:
    client.defaults |= elsewhere
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "scrape"
    assert client.get("/metrics").status_code == 404


def test_metrics_are_there_for_who_has_the_token(client: Client, settings: Settings, valkey: Redis) -> None:
    settings.METRICS_TOKEN = "scrape"
    answer = client.get("/metrics", REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION="Bearer scrape")
    assert answer.status_code == 200
    assert b"wellbeing_broker_up 1.0" in answer.content
