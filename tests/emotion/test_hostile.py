"""Hostile uploads: each gets its answer, none reaches a decoder it should not, and nothing of them stays."""

import io
import logging
import random
import sqlite3
from typing import Any
from uuid import UUID, uuid4

import cv2
import numpy as np
import pytest
from django.db import connection
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from redis import Redis

from emotion.classifier.images import UnreadableImage, decode_jpeg
from emotion.jpeg import ImageRefused, check_jpeg, copy_picture
from emotion.models import Capture
from emotion.services.classify import record_waiting
from tests.hostile import CORPUS, DECODED, MARK, UNREADABLE, before, mutate, plain, saved, segment
from vault.journal.entries import OpenedVault
from vault.journal.reading import read_journal
from vault.models import Entry

REFUSED = {name: (data, answer) for name, (data, answer) in CORPUS.items() if answer not in {DECODED, UNREADABLE}}
TAKEN = {name: (data, answer) for name, (data, answer) in CORPUS.items() if name not in REFUSED}


@pytest.fixture(autouse=True)
def _no_decoder_of_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encoded bytes of anybody are not for OpenCV."""

    def fail(*_: object) -> None:
        raise AssertionError("encoded bytes reached OpenCV")

    for name in ("imdecode", "imdecodemulti", "imread", "imdecodeanimation"):
        monkeypatch.setattr(cv2, name, fail)


@pytest.fixture
def _no_decoder_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a decoder was asked")

    monkeypatch.setattr(Image, "open", fail)


def answer_to(data: bytes) -> str:
    try:
        check_jpeg(data)
    except ImageRefused as error:
        return error.code
    try:
        decode_jpeg(data)
    except UnreadableImage:
        return UNREADABLE
    return DECODED


def test_the_corpus_is_large_and_of_every_kind() -> None:
    assert len(REFUSED) > 90
    assert len(TAKEN) > 35
    assert len({data for data, _ in CORPUS.values()}) == len(CORPUS)
    assert {answer for _, answer in CORPUS.values()} == {
        "not_jpeg", "too_large", "too_large_image", "too_small_image", "progressive", "unsupported_jpeg", "truncated",
        "trailing_bytes", UNREADABLE, DECODED,
    }  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.usefixtures("_no_decoder_at_all")
def test_it_is_refused_before_any_decoder(name: str) -> None:
    data, code = REFUSED[name]
    assert answer_to(data) == code
    with pytest.raises(UnreadableImage):
        decode_jpeg(data)


@pytest.mark.parametrize("name", TAKEN)
def test_what_passes_the_check_is_decoded_or_unreadable(name: str) -> None:
    data, answer = TAKEN[name]
    assert answer_to(data) == answer


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**64))
def test_a_mutated_picture_is_decoded_or_refused(seed: int) -> None:
    assert answer_to(mutate(plain(), random.Random(seed))) in {answer for _, answer in CORPUS.values()}


def test_the_mutations_do_harm() -> None:
    answers = {answer_to(mutate(plain(), random.Random(seed))) for seed in range(120)}
    assert {DECODED, UNREADABLE, "truncated", "unsupported_jpeg"} <= answers


@pytest.mark.parametrize(
    "jpeg",
    [
        plain(),
        saved(Image.open(io.BytesIO(plain())).convert("L")),
        saved(Image.open(io.BytesIO(plain())), keep_rgb=True),
        saved(Image.open(io.BytesIO(plain())), restart_marker_blocks=4),
        saved(Image.open(io.BytesIO(plain())), subsampling=0, comment=MARK),
    ],
    ids=["colour", "grey", "RGB", "restarts", "full colour"],
)
def test_what_the_decoder_gets_is_the_same_picture(jpeg: bytes) -> None:
    alone = io.BytesIO()
    copy_picture(before(0xDB, segment(0xE1, b"Exif\0\0" + MARK) + segment(0xFE, MARK), jpeg), alone)
    assert MARK not in alone.getvalue()
    assert check_jpeg(alone.getvalue()) == check_jpeg(jpeg)
    with Image.open(io.BytesIO(jpeg)) as original, Image.open(io.BytesIO(alone.getvalue())) as copied:
        assert np.array_equal(np.asarray(original.convert("RGB")), np.asarray(copied.convert("RGB")))
        assert set(copied.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "adobe", "adobe_transform"}


@pytest.mark.parametrize("name", [name for name, (data, _) in TAKEN.items() if MARK in data])
def test_only_the_picture_reaches_the_decoder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, open_image = [], Image.open

    def watch(stream: io.BytesIO, **options: Any) -> Image.Image:
        seen.append((stream.getvalue(), options))
        return open_image(stream, **options)

    monkeypatch.setattr(Image, "open", watch)
    picture = decode_jpeg(TAKEN[name][0])
    [(given_bytes, options)] = seen
    assert options == {"formats": ("JPEG",)}
    assert MARK not in given_bytes
    assert MARK not in picture.tobytes()


def post(client: Client, data: bytes) -> Any:
    address = f"/api/v1/captures/?id={uuid4()}&trigger=manual"
    return client.post(address, data, content_type="application/octet-stream")


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_decoder_at_all", "opened_before")
def test_of_a_refused_upload_nothing_is_stored(alice_client: Client, opened: OpenedVault, valkey: Redis) -> None:
    answers = {name: post(alice_client, data) for name, (data, _) in REFUSED.items()}
    said = {name: (answer.status_code, answer.json()["code"]) for name, answer in answers.items()}
    assert said == {name: (413 if code == "too_large" else 400, code) for name, (_, code) in REFUSED.items()}
    assert not [name for name, answer in answers.items() if MARK in answer.content]
    assert (Capture.objects.count(), Entry.objects.count(), valkey.dbsize()) == (0, 0, 0)


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.usefixtures("opened_before")
def test_what_is_taken_ends_as_a_reading_or_is_rejected_and_leaves_no_metadata(
    alice_client: Client, opened: OpenedVault, valkey: Redis, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CAPTURES_PER_HOUR = 1_000_000
    caplog.set_level(logging.DEBUG)
    ended = {}
    for name, (data, _) in TAKEN.items():
        answer = post(alice_client, data)
        assert answer.status_code == 202, name
        assert not _holds_mark(valkey), name
        capture_id = UUID(answer.json()["id"])
        record_waiting(task_id=uuid4())
        capture = Capture.objects.get(pk=capture_id)
        ended[name] = UNREADABLE if (capture.state, capture.reason) == ("rejected", "unreadable") else capture.state
    assert ended == {name: "recorded" if answer == DECODED else answer for name, (_, answer) in TAKEN.items()}
    assert valkey.dbsize() == 0
    assert MARK.decode() not in caplog.text
    assert MARK.decode() not in str(read_journal(opened).entries)
    if isinstance(connection.connection, sqlite3.Connection):
        assert MARK.decode() not in "\n".join(connection.connection.iterdump())


def _holds_mark(valkey: Redis) -> bool:
    return any(MARK in value for key in valkey.keys("wb:frames:*") for value in valkey.hgetall(key).values())
