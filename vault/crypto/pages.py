"""Pages, one per month, and their manifest, sealed under a key derived from the private key.

A page proves its owner, month and version; the manifest proves which pages exist. All that shows of either is a padded
length.
"""

import hashlib
import secrets
import struct
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.crypto.errors import Damaged
from vault.crypto.key_pairs import KEY_BYTES, key_id, public_of
from vault.crypto.length_prefix import VERSION, length_prefixed

#: Plaintexts are padded to the least length times a power of two.
PAGE_LEAST, MANIFEST_LEAST = 16 * 1024, 8 * 1024
#: How many earlier manifests a manifest lists, 8 bytes each.
MAX_ANCESTORS = 512
MARK_BYTES = 8
_NONCE, _TAG, _DIGEST = 12, 16, 32
_OVERHEAD = 1 + _NONCE + _TAG
_PAGE_HEAD = struct.Struct(">IQI")
_MANIFEST_HEAD = struct.Struct(">QII")
_NOTE = struct.Struct(f">16sIQI{_DIGEST}s")


@dataclass(frozen=True, slots=True)
class Page:
    """`month` is year * 100 + month; `version` the version of the manifest it was written with."""

    month: int
    version: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PageNote:
    """One line of a manifest. `first_day` is the ordinal of the day of the page's oldest entry."""

    page_id: UUID
    month: int
    version: int
    first_day: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """All pages, and the marks of the manifests before this one, oldest first."""

    version: int = 0
    notes: tuple[PageNote, ...] = ()
    ancestors: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class PageKey:
    """The key that seals one vault's pages and manifest."""

    vault_id: UUID
    raw: bytes = field(repr=False)


def derive_page_key(private: bytes, *, vault_id: UUID) -> PageKey:
    info = b"wb/v1/pages" + length_prefixed(vault_id.bytes, key_id(public_of(private)))
    return PageKey(vault_id, HKDF(SHA256(), KEY_BYTES, None, info).derive(private))


def seal_page(page: Page, *, key: PageKey, page_id: UUID) -> bytes:
    plain = _PAGE_HEAD.pack(page.month, page.version, len(page.body)) + page.body
    return _seal(plain, PAGE_LEAST, key, _page_context(key, page_id))


def open_page(sealed: bytes, *, key: PageKey, page_id: UUID) -> Page:
    """Raises Damaged unless the bytes were sealed under this key for this page."""
    plain = _open(sealed, PAGE_LEAST, key, _page_context(key, page_id))
    month, version, size = _PAGE_HEAD.unpack_from(plain)
    end = _PAGE_HEAD.size + size
    _check_padding(plain, end)
    return Page(month, version, plain[_PAGE_HEAD.size : end])


def open_noted_page(sealed: bytes, *, key: PageKey, note: PageNote) -> Page:
    """The page that the manifest names. Raises Damaged, also for an earlier or later version of it."""
    if page_digest(sealed) != note.digest:
        raise Damaged("not the page the manifest names")
    page = open_page(sealed, key=key, page_id=note.page_id)
    if (page.month, page.version) != (note.month, note.version):
        raise Damaged("the page is of another month or version")
    return page


def page_digest(sealed: bytes) -> bytes:
    return hashlib.sha256(sealed).digest()


def seal_manifest(manifest: Manifest, *, key: PageKey) -> bytes:
    ancestors = manifest.ancestors[-MAX_ANCESTORS:]
    head = _MANIFEST_HEAD.pack(manifest.version, len(manifest.notes), len(ancestors))
    notes = (_NOTE.pack(n.page_id.bytes, n.month, n.version, n.first_day, n.digest) for n in manifest.notes)
    return _seal(head + b"".join((*notes, *ancestors)), MANIFEST_LEAST, key, _manifest_context(key))


def open_manifest(sealed: bytes, *, key: PageKey) -> Manifest:
    """Raises Damaged."""
    plain = _open(sealed, MANIFEST_LEAST, key, _manifest_context(key))
    version, pages, marks = _MANIFEST_HEAD.unpack_from(plain)
    ancestors_at = _MANIFEST_HEAD.size + pages * _NOTE.size
    end = ancestors_at + marks * MARK_BYTES
    _check_padding(plain, end)
    notes = _NOTE.iter_unpack(plain[_MANIFEST_HEAD.size : ancestors_at])
    ancestors = tuple(plain[at : at + MARK_BYTES] for at in range(ancestors_at, end, MARK_BYTES))
    return Manifest(version, tuple(PageNote(UUID(bytes=page_id), *rest) for page_id, *rest in notes), ancestors)


def manifest_mark(sealed: bytes) -> bytes:
    """8 bytes that identify a sealed manifest; a device stores the mark of the latest it has received."""
    return hashlib.sha256(b"wb/v1/mark" + sealed).digest()[:MARK_BYTES]


def padded_length(size: int, least: int) -> int:
    """`least` doubled until `size` fits, so that a length reveals only a power of two."""
    blocks = max(1, -(-size // least))
    return least << (blocks - 1).bit_length()


def _seal(plain: bytes, least: int, key: PageKey, context: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    padded = plain.ljust(padded_length(len(plain), least), b"\0")
    return VERSION + nonce + AESGCM(key.raw).encrypt(nonce, padded, context)


def _open(sealed: bytes, least: int, key: PageKey, context: bytes) -> bytes:
    if sealed[:1] != VERSION or len(sealed) < _OVERHEAD + least:
        raise Damaged("too short, or of an unknown version")
    try:
        return AESGCM(key.raw).decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], context)
    except InvalidTag as error:
        raise Damaged("does not open") from error


def _check_padding(plain: bytes, end: int) -> None:
    if end > len(plain) or plain[end:].strip(b"\0"):
        raise Damaged("the padding was altered")


def _page_context(key: PageKey, page_id: UUID) -> bytes:
    return length_prefixed(b"wb-page", VERSION, key.vault_id.bytes, page_id.bytes)


def _manifest_context(key: PageKey) -> bytes:
    return length_prefixed(b"wb-manifest", VERSION, key.vault_id.bytes)
