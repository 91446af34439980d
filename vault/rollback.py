"""What one browser remembers of a journal, so that a copy from before is noticed when it is put back.

Seals and the manifest prove that nothing was altered; only somebody who saw a later state can tell that all of it, list
and pages together, is an older one. The browser keeps the version and mark of the last manifest it saw, in a cookie
that means nothing without the journal.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from vault.journal.entries import OpenedVault
from vault.journal.reading import ManifestHead, read_head


@dataclass(frozen=True, slots=True)
class KnownHead:
    """The last manifest a device saw."""

    version: int
    mark: bytes

    def to_text(self) -> str:
        return f"{self.version}.{self.mark.hex()}"

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        version, _, mark = text.partition(".")
        try:
            return cls(int(version), bytes.fromhex(mark))
        except ValueError:
            return None


def is_behind(known: KnownHead | None, head: ManifestHead) -> bool:
    """Whether the journal does not descend from what the device saw: it was put back, or went on from an older state.

    A device that was away for more manifests than one remembers (512) cannot tell, and says nothing.
    """
    if known is None or known.mark == head.mark:
        return False
    if known.version >= head.version:
        return True
    return known.mark not in head.ancestors and head.version - known.version <= len(head.ancestors)


def is_rolled_back(request: HttpRequest, opened: OpenedVault) -> bool:
    """Whether this browser has seen a later state of the journal than the one there is."""
    return is_behind(_known_head(request, opened), read_head(opened))


def remember_journal(
    request: HttpRequest, response: HttpResponse, opened: OpenedVault, *, accept: bool = False
) -> None:
    """Have the browser keep what it saw now. While the journal has gone back, only when that is accepted."""
    known, head = _known_head(request, opened), read_head(opened)
    if not accept and (is_behind(known, head) or (known and known.mark == head.mark)):
        return
    response.set_cookie(
        _cookie_name(opened),
        KnownHead(head.version, head.mark).to_text(),
        max_age=settings.KEEP_DAYS * 24 * 60 * 60,
        path="/",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Strict",
    )


def _known_head(request: HttpRequest, opened: OpenedVault) -> KnownHead | None:
    return KnownHead.from_text(request.COOKIES.get(_cookie_name(opened), ""))


def _cookie_name(opened: OpenedVault) -> str:
    """One cookie for each vault that was opened here; without the private key nobody can say whose it is."""
    short = blake2b(b"", key=opened.private, digest_size=6, person=b"wb-seen").hexdigest()
    return f"{settings.SEEN_COOKIE_PREFIX}{short}"
