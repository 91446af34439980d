import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.crypto.people import ALICE, CAPTURE, MALLORY, OTHER_CAPTURE, OTHER_VAULT, VAULT, flip
from vault.crypto.errors import Damaged
from vault.crypto.frames import open_frames, seal_frames, wipe
from vault.crypto.key_pairs import KeyPair

WORKER: KeyPair = ALICE
FRAMES = [b"\xff\xd8first", b"\xff\xd8second", b"\xff\xd8third"]


def seal(frames: list[bytes]) -> tuple[list[bytes], bytes]:
    return seal_frames(frames, capture_id=CAPTURE, vault_id=VAULT, recipient_public=WORKER.public)


def unseal(blobs: list[bytes], sealed_key: bytes, *, private: bytes = WORKER.private) -> list[bytearray]:
    return open_frames(blobs, sealed_key, private=private, capture_id=CAPTURE, vault_id=VAULT)


@given(frames=st.lists(st.binary(max_size=2000), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_frames_come_back_as_buffers(frames: list[bytes]) -> None:
    blobs, sealed_key = seal(frames)
    assert unseal(blobs, sealed_key) == [bytearray(frame) for frame in frames]
    assert [len(blob) - len(frame) for blob, frame in zip(blobs, frames, strict=True)] == [29] * len(frames)
    assert len(sealed_key) == 98


def test_a_blob_shows_nothing_of_its_frame() -> None:
    blobs, sealed_key = seal(FRAMES)
    assert not any(b"\xff\xd8" in blob[:4] or b"first" in blob for blob in [*blobs, sealed_key])


def test_every_flipped_bit_is_refused() -> None:
    blobs, sealed_key = seal(FRAMES[:1])
    for bit in range(8 * len(blobs[0])):
        with pytest.raises(Damaged):
            unseal([flip(blobs[0], bit)], sealed_key)
    for bit in range(8 * len(sealed_key)):
        with pytest.raises(Damaged):
            unseal(blobs, flip(sealed_key, bit))


def test_swapped_missing_repeated_and_empty_frames_are_refused() -> None:
    blobs, sealed_key = seal(FRAMES)
    for changed in ([blobs[1], blobs[0], blobs[2]], blobs[:2], [blobs[0]] * 3, [b"", *blobs[1:]], [*blobs, blobs[0]]):
        with pytest.raises(Damaged):
            unseal(changed, sealed_key)


def test_a_frame_of_another_capture_is_refused() -> None:
    blobs, sealed_key = seal(FRAMES)
    others, other_key = seal(FRAMES)
    with pytest.raises(Damaged):
        unseal([others[0], *blobs[1:]], sealed_key)
    with pytest.raises(Damaged):
        unseal(blobs, other_key)


def test_frames_moved_to_another_capture_or_vault_are_refused() -> None:
    blobs, sealed_key = seal(FRAMES)
    for capture, vault in ((OTHER_CAPTURE, VAULT), (CAPTURE, OTHER_VAULT)):
        with pytest.raises(Damaged):
            open_frames(blobs, sealed_key, private=WORKER.private, capture_id=capture, vault_id=vault)


def test_another_worker_key_opens_nothing() -> None:
    blobs, sealed_key = seal(FRAMES)
    with pytest.raises(Damaged):
        unseal(blobs, sealed_key, private=MALLORY.private)


def test_wipe_leaves_zeros_in_place() -> None:
    buffer = bytearray(b"a face")
    wipe(buffer)
    assert buffer == bytes(6)
    wipe(bytearray())


@pytest.mark.parametrize("size", [0, 1, 4, 5, 13, 28, 29])
def test_a_frame_cut_short_is_refused(size: int) -> None:
    blobs, sealed_key = seal(FRAMES[:1])
    with pytest.raises(Damaged):
        unseal([blobs[0][:size]], sealed_key)


@pytest.mark.parametrize("size", [0, 1, 16, 17, 18, 97])
def test_a_key_cut_short_is_refused(size: int) -> None:
    blobs, sealed_key = seal(FRAMES[:1])
    with pytest.raises(Damaged):
        unseal(blobs, sealed_key[:size])
