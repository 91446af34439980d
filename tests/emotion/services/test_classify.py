"""The worker's side with the real classifier on a real face."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings
from redis import Redis

from accounts.models import User
from emotion.labels import EXPRESSIONS, READING
from emotion.models import Capture
from emotion.selectors import get_live_consent
from emotion.services.accept import accept_capture
from emotion.services.classify import BATCH, record_waiting
from emotion.services.consents import withdraw_consent
from emotion.wakeup import notify_workers
from tests.emotion.elsewhere import run_elsewhere
from tests.faces import smile, to_jpeg
from tests.valkey import AWAY, count_messages
from tests.vault.journal.people import append, read_captures
from tests.vaults import erase_vault, make_vault
from vault.journal import kinds
from vault.journal.entries import OpenedVault
from vault.journal.reading import read_journal
from vault.models import Entry, Vault

# On-commit work has to happen: blobs go only then.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def capture_id(alice: User, opened: OpenedVault, jpeg: bytes) -> UUID:
    return accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[jpeg])[0].pk


def state_of(capture_id: UUID) -> tuple[str, str, bool, int]:
    capture = Capture.objects.get(pk=capture_id)
    return capture.state, capture.reason, capture.sealed_key is None, capture.attempts


def test_a_smile_becomes_one_sealed_reading_of_happiness(capture_id: UUID, opened: OpenedVault, valkey: Redis) -> None:
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("recorded", "", True, 1)
    assert valkey.dbsize() == 0
    reading = read_captures(opened)[capture_id]
    assert reading.data.outcome == READING
    assert max(zip(reading.data.p or (), EXPRESSIONS, strict=True))[1] == "happiness"
    assert reading.data.p == tuple(round(p, 5) for p in reading.data.p or ())
    assert 0 < reading.data.quality == round(reading.data.quality, 4) <= 1
    assert reading.at == Capture.objects.get(pk=capture_id).queued_at


def test_a_second_run_does_nothing(capture_id: UUID, opened: OpenedVault) -> None:
    for _ in range(3):
        record_waiting(task_id=uuid4())
    assert Entry.objects.count() == 1
    assert Capture.objects.get(pk=capture_id).attempts == 1


def test_a_capture_whose_reading_is_in_the_inbox_already_gets_no_second_one(
    capture_id: UUID, opened: OpenedVault
) -> None:
    entry_id = append(opened, capture_id=capture_id)
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("recorded", "", True, 1)
    assert [entry.pk for entry in Entry.objects.filter(capture_id=capture_id)] == [entry_id]


def test_several_frames_become_one_reading(alice: User, opened: OpenedVault, jpeg: bytes) -> None:
    accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[jpeg] * 3)
    record_waiting(task_id=uuid4())
    assert read_journal(opened).of(kinds.Reading)[0].data.outcome == READING
    assert Entry.objects.count() == 1


def test_no_face_is_an_entry_like_any_other(alice: User, opened: OpenedVault, capture_id: UUID) -> None:
    wall = to_jpeg(smile().crop((0, 0, 40, 40)).resize((640, 480)))
    empty, _ = accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[wall])
    record_waiting(task_id=uuid4())
    assert state_of(empty.pk) == state_of(capture_id) == ("recorded", "", True, 1)
    assert {len(bytes(entry.sealed)) for entry in Entry.objects.all()} == {1073}
    assert read_captures(opened)[empty.pk].data.p is None


def test_a_frame_that_cannot_be_decoded_is_rejected_for_good(
    alice: User, opened: OpenedVault, jpeg: bytes, valkey: Redis
) -> None:
    # A sound header, but its quantisation tables are now a comment.
    broken = jpeg.replace(b"\xff\xdb", b"\xff\xfe")
    capture, _ = accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[broken])
    record_waiting(task_id=uuid4())
    assert state_of(capture.pk) == ("rejected", "unreadable", True, 1)
    assert (Entry.objects.count(), valkey.dbsize()) == (0, 0)


def test_a_lost_frame_is_told(capture_id: UUID, valkey: Redis) -> None:
    valkey.flushdb()
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("expired", "frame_lost", True, 1)


def test_a_frame_that_left_redis_by_itself_came_too_late(capture_id: UUID, valkey: Redis) -> None:
    valkey.flushdb()
    Capture.objects.update(queued_at=timezone.now() - timedelta(minutes=14, seconds=55))
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("expired", "too_late", True, 1)


def test_an_altered_frame_is_not_read(capture_id: UUID, valkey: Redis) -> None:
    name = f"wb:frames:{capture_id}"
    [(field, blob)] = valkey.hgetall(name).items()
    assert isinstance(blob, bytes)
    valkey.hset(name, field, blob[:-1] + bytes([blob[-1] ^ 1]))
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("failed", "frame_damaged", True, 1)
    assert (Entry.objects.count(), valkey.dbsize()) == (0, 0)


def test_redis_away_leaves_it_queued(capture_id: UUID, settings: Settings) -> None:
    away = settings.BLOBS_URL
    settings.BLOBS_URL = AWAY
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("queued", "", False, 1)
    settings.BLOBS_URL = away
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("recorded", "", True, 2)


def test_after_five_tries_that_died_it_is_given_up(capture_id: UUID, valkey: Redis) -> None:
    Capture.objects.update(attempts=5, claimed_at=timezone.now(), claimed_by=uuid4())
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("queued", "", False, 5), "the fifth may be at work this moment"
    Capture.objects.update(claimed_at=timezone.now() - timedelta(seconds=31))
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("failed", "gave_up", True, 5)
    assert (Entry.objects.count(), valkey.dbsize()) == (0, 0)


def test_a_capture_in_hand_is_left_to_its_worker_unless_that_one_died_and_came_again(capture_id: UUID) -> None:
    theirs = uuid4()
    Capture.objects.update(attempts=1, claimed_at=timezone.now(), claimed_by=theirs)
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("queued", "", False, 1)
    record_waiting(task_id=theirs)
    assert state_of(capture_id) == ("recorded", "", True, 2)


def test_a_claim_from_a_clock_that_was_set_back_does_not_hold_for_ever(capture_id: UUID) -> None:
    Capture.objects.update(attempts=1, claimed_at=timezone.now() + timedelta(hours=1), claimed_by=uuid4())
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("recorded", "", True, 2)


def test_a_backlog_is_read_in_batches_oldest_first(
    alice: User, opened: OpenedVault, jpeg: bytes, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CAPTURES_PER_HOUR = 100_000
    ids = [
        accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[jpeg])[0].pk for _ in range(BATCH + 4)
    ]
    claimed = watch_claims(monkeypatch)
    monkeypatch.setattr("emotion.services.classify._SHIFT_SECONDS", 60)  # however slow the machine
    record_waiting(task_id=uuid4())
    assert claimed == [ids[:BATCH], ids[BATCH:], []]
    assert {state_of(pk) for pk in ids} == {("recorded", "", True, 1)}
    assert Entry.objects.count() == len(ids)


@pytest.mark.parametrize(
    ("count", "seconds", "claims", "notified"), [(1, 60, 1, 0), (2, 60, 1, 1), (3, 60, 2, 1), (1, -1, 1, 1)]
)
def test_another_worker_is_woken_when_a_batch_is_full_or_the_shift_is_over(
    count: int,
    seconds: int,
    claims: int,
    notified: int,
    alice: User,
    opened: OpenedVault,
    jpeg: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(count):
        accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[jpeg])
    calls = list[None]()
    monkeypatch.setattr("emotion.services.classify.BATCH", 2)
    monkeypatch.setattr("emotion.services.classify._SHIFT_SECONDS", seconds)
    monkeypatch.setattr("emotion.services.classify.notify_workers", lambda: calls.append(None))
    claimed = watch_claims(monkeypatch)
    record_waiting(task_id=uuid4())
    assert (len([batch for batch in claimed if batch]), len(calls)) == (claims, notified)


def test_a_capture_that_comes_after_the_last_look_rings_again(
    capture_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert count_messages() == 1
    rung = list[int]()

    def look_and_ring(task_id: UUID) -> list[Capture]:
        notify_workers()
        rung.append(count_messages())
        return []

    monkeypatch.setattr("emotion.services.classify._claim", look_and_ring)
    record_waiting(task_id=uuid4())
    assert rung == [2]


def test_a_batch_is_ended_at_the_same_cost_however_many_wait(alice: User, capture_id: UUID) -> None:
    """With the state beside the id in one question, PostgreSQL may read the index of all that waits."""
    with CaptureQueriesContext(connection) as queries:
        record_waiting(task_id=uuid4())
    conditions = [
        query["sql"].partition(" WHERE ")[2] for query in queries if '"emotion_capture"."id" IN' in query["sql"]
    ]
    assert len(conditions) == 3, "claimed, held, ended"
    assert [condition for condition in conditions if '"state"' in condition] == []


def test_what_was_tried_before_is_tried_alone(
    alice: User, opened: OpenedVault, jpeg: bytes, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame that killed a worker must not use up the tries of those it was claimed with."""
    settings.CAPTURES_PER_HOUR = 100_000
    ids = [accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[jpeg])[0].pk for _ in range(5)]
    Capture.objects.filter(pk__in=ids[1:3]).update(attempts=1)
    claimed = watch_claims(monkeypatch)
    record_waiting(task_id=uuid4())
    assert claimed == [ids[:1], ids[1:2], ids[2:3], ids[3:], []]


def test_a_frame_that_takes_too_long_goes_back_and_the_rest_of_its_batch_is_kept(
    alice: User, opened: OpenedVault, jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[jpeg])[0].pk for _ in range(3)]
    raise_at_the_second(monkeypatch, SoftTimeLimitExceeded())
    with pytest.raises(SoftTimeLimitExceeded):
        record_waiting(task_id=uuid4())
    assert [state_of(pk)[0] for pk in ids] == ["recorded", "queued", "queued"]
    record_waiting(task_id=uuid4())
    assert [state_of(pk) for pk in ids[1:]] == [("recorded", "", True, 2)] * 2


def test_a_frame_that_takes_all_memory_does_not_end_the_worker(
    alice: User, opened: OpenedVault, jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Celery's parent process ends when a task raises MemoryError."""
    ids = [accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[jpeg])[0].pk for _ in range(3)]
    raise_at_the_second(monkeypatch, MemoryError())
    record_waiting(task_id=uuid4())
    assert [state_of(pk)[0] for pk in ids] == ["recorded", "queued", "queued"]
    record_waiting(task_id=uuid4())
    assert [state_of(pk) for pk in ids[1:]] == [("recorded", "", True, 2)] * 2


@pytest.mark.parametrize("error", [None, MemoryError(), SoftTimeLimitExceeded()], ids=repr)
def test_the_last_face_is_forgotten_at_the_end_of_a_shift_also_of_one_that_fails(
    capture_id: UUID, monkeypatch: pytest.MonkeyPatch, error: BaseException | None
) -> None:
    from emotion.classifier.runtime import Classifier, Reading

    classify, forget, steps = Classifier.classify_jpegs, Classifier.forget, list[str]()

    def classify_and_note(self: Classifier, frames: list[bytes | bytearray], *, forget: bool = True) -> Reading:
        steps.append("read")
        if error:
            raise error
        return classify(self, frames, forget=forget)

    def forget_and_note(self: Classifier) -> None:
        steps.append("forgot")
        forget(self)

    monkeypatch.setattr(Classifier, "classify_jpegs", classify_and_note)
    monkeypatch.setattr(Classifier, "forget", forget_and_note)
    with suppress(SoftTimeLimitExceeded):
        record_waiting(task_id=uuid4())
    assert steps == ["read", "forgot"]


def test_what_is_given_back_frees_nothing_that_another_worker_has_in_hand(
    alice: User, bob: User, opened: OpenedVault, jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [accept_capture(user=alice, capture_id=uuid4(), trigger="manual", frames=[jpeg])[0].pk for _ in range(2)]
    theirs = Capture.objects.create(
        id=uuid4(), vault_id=make_vault(bob).vault_id, attempts=1, claimed_at=timezone.now(), claimed_by=uuid4()
    )
    raise_at_the_second(monkeypatch, MemoryError())
    record_waiting(task_id=uuid4())
    assert dict(Capture.objects.values_list("pk", "state")) == {
        ids[0]: "recorded",
        ids[1]: "queued",
        theirs.pk: "queued",
    }
    claims = dict(Capture.objects.values_list("pk", "claimed_by"))
    assert (claims[ids[1]], claims[theirs.pk]) == (None, theirs.claimed_by)
    assert Capture.objects.get(pk=theirs.pk).attempts == 1


def raise_at_the_second(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    from emotion.classifier.runtime import Classifier, Reading

    classify, calls = Classifier.classify_jpegs, iter(range(99))

    def raise_or_classify(self: Classifier, frames: list[bytes | bytearray], *, forget: bool = True) -> Reading:
        if next(calls) == 1:
            raise error
        return classify(self, frames, forget=forget)

    monkeypatch.setattr(Classifier, "classify_jpegs", raise_or_classify)


def watch_claims(monkeypatch: pytest.MonkeyPatch) -> list[list[UUID]]:
    """Filled with the ids of each claim."""
    from emotion.services import classify

    claim, claimed = classify._claim, list[list[UUID]]()

    def claim_and_note(task_id: UUID) -> list[Capture]:
        batch = claim(task_id)
        claimed.append([capture.pk for capture in batch])
        return batch

    monkeypatch.setattr(classify, "_claim", claim_and_note)
    return claimed


def test_nothing_is_written_after_a_withdrawal(alice: User, capture_id: UUID, valkey: Redis) -> None:
    withdraw_consent(user=alice)
    assert valkey.dbsize() == 0
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("withdrawn", "", True, 0)
    assert not Entry.objects.exclude(capture_id=None).exists()


def test_a_withdrawal_while_the_frame_is_read_wins(
    alice: User, capture_id: UUID, monkeypatch: pytest.MonkeyPatch, valkey: Redis
) -> None:
    from emotion.classifier.runtime import Classifier, Reading

    classify = Classifier.classify_jpegs

    def withdraw_meanwhile(self: Classifier, frames: list[bytes | bytearray], *, forget: bool = True) -> Reading:
        withdraw_consent(user=alice)
        return classify(self, frames, forget=forget)

    monkeypatch.setattr(Classifier, "classify_jpegs", withdraw_meanwhile)
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("withdrawn", "", True, 1)
    assert (Entry.objects.exclude(capture_id=None).count(), valkey.dbsize()) == (0, 0)


@pytest.mark.parametrize(
    "change", [{"text_hash": "0" * 64}, {"mac": bytes(32)}, {"vault_id": uuid4()}, {"key_id": bytes(16)}]
)
def test_consent_that_this_site_did_not_write_for_this_vault_is_none(
    change: dict[str, Any], alice: User, capture_id: UUID
) -> None:
    alice.consents.update(**change)
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("withdrawn", "", True, 1)
    assert Entry.objects.count() == 0


def test_an_erased_vault_takes_its_captures_along(alice: User, capture_id: UUID, valkey: Redis) -> None:
    erase_vault(user=alice)
    record_waiting(task_id=uuid4())
    assert (Entry.objects.count(), Capture.objects.count(), valkey.dbsize()) == (0, 0, 0)


def test_nothing_is_sealed_to_a_swapped_key(bob: User, capture_id: UUID) -> None:
    Vault.objects.update(public_key=b"k" * 32)
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("failed", "vault_damaged", True, 1)
    assert Entry.objects.count() == 0


def test_entry_and_state_are_one_transaction(capture_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill before the commit leaves no entry; what follows is a second, whole try."""
    from emotion.services import classify

    class KilledError(BaseException):
        pass

    finish = classify.finish

    def die(*_: object) -> bool:
        assert transaction.get_connection().in_atomic_block
        raise KilledError

    task_id = uuid4()
    monkeypatch.setattr(classify, "finish", die)
    with pytest.raises(KilledError):
        record_waiting(task_id=task_id)
    assert (Entry.objects.count(), state_of(capture_id)) == (0, ("queued", "", False, 1))
    monkeypatch.setattr(classify, "finish", finish)
    record_waiting(task_id=task_id)
    assert (Entry.objects.count(), state_of(capture_id)) == (1, ("recorded", "", True, 2))


def test_a_withdrawal_waits_until_what_was_read_is_recorded(
    alice: User, capture_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emotion.services import classify

    hold = classify._hold_queued

    def withdraw_and_hold(ids: Sequence[UUID]) -> set[UUID]:
        with pytest.raises(OperationalError, match="lock timeout"):
            run_elsewhere(lambda: withdraw_consent(user=alice))
        return hold(ids)

    monkeypatch.setattr(classify, "_hold_queued", withdraw_and_hold)
    record_waiting(task_id=uuid4())
    assert state_of(capture_id) == ("recorded", "", True, 1)
    run_elsewhere(lambda: withdraw_consent(user=alice))
    assert get_live_consent(alice) is None


def test_a_capture_is_claimed_by_one_of_two_at_once(capture_id: UUID) -> None:
    from emotion.services import classify

    with transaction.atomic():
        assert [capture.pk for capture in classify._claim(uuid4())] == [capture_id]
        assert run_elsewhere(lambda: classify._claim(uuid4())) == []
    assert state_of(capture_id) == ("queued", "", False, 1)
