"""A vault held open between requests: half of a key in the browser's cookie, the rest in the session row.

Neither half opens anything alone. The private key is in memory for the length of a request.
"""

from __future__ import annotations

import base64
import binascii
import logging
import time

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse

from vault.crypto import (
    SessionClosed,
    SessionExpired,
    expires_at,
    extend_private_key,
    join_private_key,
    make_cookie_half,
    open_for_session,
    public_of,
    seal_for_session,
    split_private_key,
)
from vault.journal.entries import KeyAltered, OpenedVault, bound_public_key
from vault.models import Vault

logger = logging.getLogger(__name__)

_OPEN, _DRAFT = "vault", "vault_draft"
# A draft waits for the recovery code to be written down, for longer than an idle vault would.
_DRAFT_SECONDS = 60 * 60
# Written back at most this often, so that a page load is not always a write.
_EXTEND_AFTER_SECONDS = 60


def hold_open(request: HttpRequest, opened: OpenedVault) -> None:
    """Keep `opened` for the next requests of this browser, until it idles out, is closed, or the session changes."""
    cookie_half, stored = split_private_key(opened.private, expires=_idle_deadline(), **_place(request))
    request.session[_OPEN] = _text(stored)
    request.opened_vault = opened  # type: ignore[attr-defined]
    request.new_vault_cookie = cookie_half  # type: ignore[attr-defined]


def close_vault(request: HttpRequest) -> None:
    request.session.pop(_OPEN, None)
    request.opened_vault = None  # type: ignore[attr-defined]


def load_vault(request: HttpRequest) -> OpenedVault | None:
    """The vault this browser holds open, or None. Whatever does not fit is closed.

    Sets `request.vault_lapsed` when it was open but idle for too long.
    """
    cookie_half, stored = request.COOKIES.get(settings.VAULT_COOKIE_NAME), _stored(request.session, _OPEN)
    if not (cookie_half and stored and request.user.is_authenticated):
        return None
    try:
        private = join_private_key(cookie_half, stored, now=time.time(), **_place(request))
        return _match(request, private)
    except SessionExpired:
        request.vault_lapsed = True  # type: ignore[attr-defined]
    except (SessionClosed, KeyAltered):
        logger.warning("a held vault of user %s did not open and was closed", request.user.pk)
    request.session.pop(_OPEN, None)
    return None


def keep_awake(request: HttpRequest, opened: OpenedVault) -> None:
    """Start the idle time anew."""
    stored, deadline = _stored(request.session, _OPEN), _idle_deadline()
    if stored and deadline - expires_at(stored) >= min(_EXTEND_AFTER_SECONDS, settings.VAULT_IDLE_SECONDS // 10):
        cookie_half = request.COOKIES[settings.VAULT_COOKIE_NAME]
        again = extend_private_key(opened.private, cookie_half, expires=deadline, **_place(request))
        request.session[_OPEN] = _text(again)


def hold_draft(request: HttpRequest, draft: bytes) -> None:
    """Keep the bytes of a vault in the making, sealed like an open one, over a page reload of this session alone."""
    cookie_half = make_cookie_half()
    stored = seal_for_session(
        draft, cookie_half, purpose=_DRAFT, expires=int(time.time()) + _DRAFT_SECONDS, **_place(request)
    )
    close_vault(request)
    request.session[_DRAFT] = _text(stored)
    request.new_vault_cookie = cookie_half  # type: ignore[attr-defined]


def load_draft(request: HttpRequest) -> bytes | None:
    cookie_half, stored = request.COOKIES.get(settings.VAULT_COOKIE_NAME), _stored(request.session, _DRAFT)
    if not (cookie_half and stored):
        return None
    try:
        return open_for_session(cookie_half, stored, purpose=_DRAFT, now=time.time(), **_place(request))
    except SessionClosed:
        drop_draft(request)
        return None


def drop_draft(request: HttpRequest) -> None:
    request.session.pop(_DRAFT, None)


def write_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Hand the browser its half, or take it back when nothing is held any more."""
    name = settings.VAULT_COOKIE_NAME
    new_half = getattr(request, "new_vault_cookie", None)
    if new_half:
        response.set_cookie(name, new_half, path="/", secure=settings.HTTPS, httponly=True, samesite="Strict")
    elif name in request.COOKIES and not (request.session.get(_OPEN) or request.session.get(_DRAFT)):
        response.delete_cookie(name, path="/", samesite="Strict")


def _match(request: HttpRequest, private: bytes) -> OpenedVault:
    """Raises SessionClosed when the person's vault is another by now, or gone, and KeyAltered."""
    vault = Vault.objects.select_related(None).filter(user=request.user.pk).first()
    if vault is None or public_of(private) != bound_public_key(vault):
        raise SessionClosed("the vault is gone")
    return OpenedVault(vault_id=vault.pk, private=private, public=bytes(vault.public_key))


def _place(request: HttpRequest) -> dict[str, str]:
    return {"user_id": str(request.user.pk), "session_id": request.session.session_key or ""}


def _idle_deadline() -> int:
    return int(time.time()) + settings.VAULT_IDLE_SECONDS


def _text(stored: bytes) -> str:
    return base64.b64encode(stored).decode()


def _stored(session: SessionBase, name: str) -> bytes | None:
    try:
        return base64.b64decode(session.get(name) or "") or None
    except (binascii.Error, TypeError):
        return None
