"""Frames for a worker: sealed blobs, and their key sealed to the worker. Either alone is useless."""

import ctypes
import secrets
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.crypto.errors import Damaged
from vault.crypto.key_pairs import KEY_BYTES, hpke_open, hpke_seal, key_id, public_of
from vault.crypto.length_prefix import VERSION, length_prefixed

_NONCE, _TAG, _KEY_ID = 12, 16, 16


def seal_frames(
    frames: Sequence[bytes], *, capture_id: UUID, vault_id: UUID, recipient_public: bytes
) -> tuple[list[bytes], bytes]:
    """One blob per frame, and one sealed key for all of them (98 bytes). They open only together and in order."""
    frame_key = AESGCM.generate_key(bit_length=8 * KEY_BYTES)
    recipient = key_id(recipient_public)
    blobs = [
        _seal_blob(frame, frame_key, _context(b"wb-frame", capture_id, vault_id, recipient, index, len(frames)))
        for index, frame in enumerate(frames)
    ]
    info = _context(b"wb-frame-key", capture_id, vault_id, recipient, len(frames))
    return blobs, VERSION + recipient + hpke_seal(frame_key, public=recipient_public, info=info)


def open_frames(
    blobs: Sequence[bytes], sealed_key: bytes, *, private: bytes, capture_id: UUID, vault_id: UUID
) -> list[bytearray]:
    """The frames as buffers; `wipe` each after use. Raises Damaged."""
    recipient = key_id(public_of(private))
    if recipient_of(sealed_key) != recipient:
        raise Damaged("sealed to another worker key")
    info = _context(b"wb-frame-key", capture_id, vault_id, recipient, len(blobs))
    frame_key = hpke_open(sealed_key[1 + _KEY_ID :], private=private, info=info)
    return [
        _open_blob(blob, frame_key, _context(b"wb-frame", capture_id, vault_id, recipient, index, len(blobs)))
        for index, blob in enumerate(blobs)
    ]


def recipient_of(sealed_key: bytes) -> bytes:
    """The id of the worker key that opens `sealed_key`, see `key_pairs.key_id`."""
    if sealed_key[:1] != VERSION or len(sealed_key) <= 1 + _KEY_ID:
        raise Damaged("not a sealed key")
    return sealed_key[1 : 1 + _KEY_ID]


def wipe(buffer: bytearray) -> None:
    """Overwrite with zeros in place. Copies that Python or a decoder made remain."""
    if buffer:
        ctypes.memset((ctypes.c_char * len(buffer)).from_buffer(buffer), 0, len(buffer))


def _seal_blob(frame: bytes, key: bytes, context: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, frame, context)


def _open_blob(blob: bytes, key: bytes, context: bytes) -> bytearray:
    if blob[:1] != VERSION or len(blob) < 1 + _NONCE + _TAG:
        raise Damaged("not a sealed frame")
    frame = bytearray(len(blob) - 1 - _NONCE - _TAG)
    try:
        AESGCM(key).decrypt_into(blob[1 : 1 + _NONCE], memoryview(blob)[1 + _NONCE :], context, frame)
    except InvalidTag as error:
        raise Damaged("the frame does not open") from error
    return frame


def _context(label: bytes, capture_id: UUID, vault_id: UUID, recipient: bytes, *numbers: int) -> bytes:
    return length_prefixed(label, VERSION, capture_id.bytes, vault_id.bytes, recipient, bytes(numbers))
