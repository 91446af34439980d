import multiprocessing
import stat
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from tests.vault.crypto.people import CAPTURE, VAULT, verify_key
from vault.crypto.errors import Damaged, ServerKeysDamaged
from vault.crypto.frames import open_frames, seal_frames
from vault.crypto.server_keys import ServerKeys, load_or_create_server_keys


def _load_when_told(directory: Path, barrier: Barrier, results: "Queue[tuple[tuple[bytes, ...], ...]]") -> None:
    barrier.wait()
    keys = load_or_create_server_keys(directory)
    results.put((keys.signing, keys.frames, keys.binding))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_six_processes_that_start_together_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for attempt in range(5):
        barrier = context.Barrier(6)
        results: Queue[tuple[tuple[bytes, ...], ...]] = context.Queue()
        arguments = (tmp_path / str(attempt), barrier, results)
        processes = [context.Process(target=_load_when_told, args=arguments) for _ in range(6)]
        for process in processes:
            process.start()
        seen = {results.get(timeout=20) for _ in processes}
        for process in processes:
            process.join()
        assert len(seen) == 1
        assert sorted(path.name for path in (tmp_path / str(attempt)).iterdir()) == [
            "binding.keys",
            "frames.keys",
            "signing.keys",
            "web",
        ]
        assert [path.name for path in (tmp_path / str(attempt) / "web").iterdir()] == ["accounts.keys"]


def test_a_second_start_reads_the_same_keys(tmp_path: Path) -> None:
    assert load_or_create_server_keys(tmp_path) == load_or_create_server_keys(tmp_path)


def test_key_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    load_or_create_server_keys(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").rglob("*")}
    assert found.pop(tmp_path / "keys" / "web") == 0o700
    assert set(found.values()) == {0o600}


def test_keys_never_appear_in_a_repr(tmp_path: Path) -> None:
    assert repr(load_or_create_server_keys(tmp_path)) == "ServerKeys()"


def test_after_a_rotation_the_newest_writes_and_all_read(tmp_path: Path) -> None:
    before = load_or_create_server_keys(tmp_path)
    blobs, sealed_key = seal_frames([b"x"], capture_id=CAPTURE, vault_id=VAULT, recipient_public=before.frame_public)
    for name in ("signing", "frames"):
        path = tmp_path / f"{name}.keys"
        path.write_bytes(b"A" * 43 + b"=\n" + path.read_bytes())
    after = load_or_create_server_keys(tmp_path)
    assert after.signing_key == bytes(32)
    assert after.verify_keys[1] == before.verify_keys[0]
    private = after.frame_private(sealed_key)
    assert open_frames(blobs, sealed_key, private=private, capture_id=CAPTURE, vault_id=VAULT) == [b"x"]


def test_frames_sealed_to_a_key_that_is_gone_are_damaged(tmp_path: Path) -> None:
    gone, ours = load_or_create_server_keys(tmp_path / "a"), load_or_create_server_keys(tmp_path / "b")
    _, sealed_key = seal_frames([b"x"], capture_id=CAPTURE, vault_id=VAULT, recipient_public=gone.frame_public)
    with pytest.raises(Damaged):
        ours.frame_private(sealed_key)


def test_retired_keys_check_signatures_after_the_keys_in_use() -> None:
    in_use, retired = b"s" * 32, b"r" * 32
    keys = ServerKeys(signing=(in_use,), frames=(), binding=(), accounts=(), retired_verify_keys=(retired,))
    assert keys.verify_keys == (verify_key(in_use), retired)


RIGHT_LENGTH = b"A" * 43 + b"=\n"


@pytest.mark.parametrize("content", [b"", b"\n", b"not base64!", b"AAAA", RIGHT_LENGTH + b"AAAA"])
def test_a_damaged_key_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "frames.keys").write_bytes(content)
    with pytest.raises(ServerKeysDamaged, match=r"frames\.keys"):
        load_or_create_server_keys(tmp_path)
