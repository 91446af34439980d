"""Where a vault was opened: only from there is anything sealed to it while it is locked.

Whoever signs in as somebody else can make a vault in their name. Its owner has opened it in no browser of theirs, and
is asked to, before anything of theirs goes into it. The proof that a browser keeps is a MAC of the site over this very
vault and key, so that a copy of the database proves nothing.
"""

import base64
from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from rest_framework.request import Request

from vault.authentic import is_authentic, make_mac
from vault.journal.entries import OpenedVault
from vault.models import Vault

#: Several people may use one browser.
_REMEMBERED: Final = 5
_SECONDS: Final = 400 * 24 * 60 * 60
_LABEL: Final = "wb-opened"


def make_proof(vault_id: UUID, public: bytes) -> str:
    """What a browser that has opened this vault keeps, and a token says that was made in one."""
    mac = make_mac(_LABEL, vault_id, public)
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def was_opened_here(request: HttpRequest | Request, vault: Vault) -> bool:
    """Whether the browser, or the API token, that sent this proves it."""
    of_token = request.headers.get("Authorization", "").rpartition(".")[2]
    return any(_proves(proof, vault) for proof in (*_kept_proofs(request), of_token))


def remember_opening(request: HttpRequest, response: HttpResponse, opened: OpenedVault) -> None:
    """Have the browser keep the proof, made with the newest key, beside those of other people."""
    proof, kept = make_proof(opened.vault_id, opened.public), _kept_proofs(request)
    if any(constant_time_compare(proof, known) for known in kept):
        return
    response.set_cookie(
        settings.OPENED_COOKIE_NAME,
        ".".join([proof, *kept][:_REMEMBERED]),
        max_age=_SECONDS,
        path="/",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _kept_proofs(request: HttpRequest | Request) -> list[str]:
    return [proof for proof in request.COOKIES.get(settings.OPENED_COOKIE_NAME, "").split(".") if proof]


def _proves(proof: str, vault: Vault) -> bool:
    try:
        mac = base64.urlsafe_b64decode(proof + "=" * (-len(proof) % 4))
    except ValueError:
        return False
    return is_authentic(mac, _LABEL, vault.pk, bytes(vault.public_key))
