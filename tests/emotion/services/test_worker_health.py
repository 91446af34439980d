"""What a worker says of itself, and for how long it is believed."""

import os
import time
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from core.exceptions import Unavailable
from emotion.classifier import runtime
from emotion.classifier.spec import ClassifierUnavailable, ModelMissing, ModelSpec
from emotion.selectors import get_shipped_model
from emotion.services import worker_health
from emotion.services.worker_health import check_model, load_model, read_worker, report
from tests.valkey import AWAY


@pytest.fixture
def heartbeat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEEPER_HEARTBEAT", str(tmp_path / "heartbeat"))
    return tmp_path / "heartbeat"


@pytest.fixture(autouse=True)
def nobody_has_the_model() -> None:
    worker_health._LOADED_BY[:] = bytes(8)


def test_a_worker_without_its_weights_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    check_model()
    read = ModelSpec.read_weights
    monkeypatch.setattr(ModelSpec, "read_weights", lambda spec: read(spec, tmp_path))
    with pytest.raises(ModelMissing):
        check_model()


def test_a_worker_whose_child_has_the_model_is_believed_for_a_while(valkey: Redis, heartbeat: Path) -> None:
    load_model()
    report(children=[1, os.getpid()])
    model = get_shipped_model()
    assert model is not None
    assert read_worker() == {"model": model.name, "pid": os.getpid()}
    assert 40 < valkey.ttl("wb:worker") <= 45
    assert 0 <= time.monotonic() - heartbeat.stat().st_mtime < 5


def test_a_worker_whose_child_with_the_model_died_says_nothing(valkey: Redis, heartbeat: Path) -> None:
    load_model()
    report(children=[os.getpid() + 1])
    assert (read_worker(), heartbeat.exists()) == (None, False)


def test_a_worker_whose_model_does_not_load_says_nothing(
    valkey: Redis, heartbeat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise ClassifierUnavailable

    monkeypatch.setattr(runtime, "get_classifier", refuse)
    load_model()
    report(children=[os.getpid()])
    assert (read_worker(), heartbeat.exists()) == (None, False)


def test_without_the_camera_it_needs_no_model_to_live(valkey: Redis, heartbeat: Path, settings: Settings) -> None:
    settings.CAMERA = False
    report(children=[os.getpid()])
    assert (read_worker(), heartbeat.exists()) == (None, True)


def test_without_redis_it_still_lives(settings: Settings, heartbeat: Path) -> None:
    settings.BLOBS_URL = AWAY
    load_model()
    report(children=[os.getpid()])
    assert heartbeat.exists()
    with pytest.raises(Unavailable):
        read_worker()
