"""A vault held open between requests: half of a key in the browser's cookie, the rest in the session row.

Neither half opens anything alone. The private key is in memory for the length of a request.
"""

import base64
import logging
import time

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpResponse

from accounts.http import CLEAR_PAGES, signed_in
from vault.crypto.errors import SessionClosed, SessionExpired
from vault.crypto.key_pairs import public_of
from vault.crypto.session_halves import expires_at, make_cookie_half, open_for_session, seal_for_session
from vault.http import VaultRequest
from vault.journal.entries import KeyAltered, OpenedVault, bound_public_key
from vault.selectors import find_vault

logger = logging.getLogger(__name__)

_OPEN, _DRAFT = "vault", "vault_draft"
_PURPOSES = {_OPEN: "private key", _DRAFT: _DRAFT}
# A draft waits for the recovery code to be written down, for longer than an idle vault would.
_DRAFT_SECONDS = 60 * 60
# Written back at most this often, so that a page load is not always a write.
_EXTEND_AFTER_SECONDS = 60


def hold_open(request: VaultRequest, opened: OpenedVault) -> None:
    """Keep `opened` for the next requests of this browser, until it idles out, is closed, or the session changes."""
    request.opened_vault, request.new_vault_cookie = opened, make_cookie_half()
    _store(request, _OPEN, opened.private, request.new_vault_cookie, expires=_idle_deadline())


def close_vault(request: VaultRequest) -> None:
    request.session.pop(_OPEN, None)
    request.opened_vault = None


def load_vault(request: VaultRequest) -> OpenedVault | None:
    """The vault this browser holds open. Whatever does not fit is closed; `request.vault_lapsed` says if by idling."""
    try:
        private = _load(request, _OPEN) if request.user.is_authenticated else None
        return _match(request, private) if private else None
    except SessionExpired:
        request.vault_lapsed = True
    except (SessionClosed, KeyAltered):
        logger.warning("a held vault of user %s did not open and was closed", request.user.pk)
    request.session.pop(_OPEN, None)
    return None


def keep_awake(request: VaultRequest, opened: OpenedVault) -> None:
    """Start the idle time anew, under the same cookie half, so that other tabs stay open too."""
    stored, deadline = _stored(request.session, _OPEN), _idle_deadline()
    if stored and deadline - expires_at(stored) >= min(_EXTEND_AFTER_SECONDS, settings.VAULT_IDLE_SECONDS // 10):
        _store(request, _OPEN, opened.private, request.COOKIES[settings.VAULT_COOKIE_NAME], expires=deadline)


def hold_draft(request: VaultRequest, draft: bytes) -> None:
    """Keep the bytes of a vault in the making, sealed like an open one, over a page reload of this session alone."""
    close_vault(request)
    request.new_vault_cookie = make_cookie_half()
    _store(request, _DRAFT, draft, request.new_vault_cookie, expires=int(time.time()) + _DRAFT_SECONDS)


def load_draft(request: VaultRequest) -> bytes | None:
    try:
        return _load(request, _DRAFT)
    except SessionClosed:
        drop_draft(request)
        return None


def drop_draft(request: VaultRequest) -> None:
    request.session.pop(_DRAFT, None)


def write_cookie(request: VaultRequest, response: HttpResponse) -> None:
    """Hand the browser its half, or take it back when nothing is held any more."""
    name = settings.VAULT_COOKIE_NAME
    if request.new_vault_cookie:
        half = request.new_vault_cookie
        response.set_cookie(name, half, path="/", secure=settings.HTTPS, httponly=True, samesite="Strict")
    elif request.COOKIES.get(name) and not (request.session.get(_OPEN) or request.session.get(_DRAFT)):
        response.delete_cookie(name, path="/", samesite="Strict")
        response["Clear-Site-Data"] = CLEAR_PAGES


def _match(request: VaultRequest, private: bytes) -> OpenedVault:
    """Raises SessionClosed when the person's vault is another by now, or gone, and KeyAltered."""
    vault = find_vault(signed_in(request))
    if vault is None or public_of(private) != bound_public_key(vault):
        raise SessionClosed("the vault is gone")
    return OpenedVault(vault_id=vault.pk, private=private, public=bytes(vault.public_key))


def _store(request: VaultRequest, name: str, secret: bytes, cookie_half: str, *, expires: int) -> None:
    stored = seal_for_session(secret, cookie_half, purpose=_PURPOSES[name], expires=expires, **_place(request))
    request.session[name] = base64.b64encode(stored).decode()


def _load(request: VaultRequest, name: str) -> bytes | None:
    """None where cookie or row holds nothing. Raises SessionClosed, or its subclass SessionExpired."""
    cookie_half, stored = request.COOKIES.get(settings.VAULT_COOKIE_NAME), _stored(request.session, name)
    if not (cookie_half and stored):
        return None
    return open_for_session(cookie_half, stored, purpose=_PURPOSES[name], now=time.time(), **_place(request))


def _place(request: VaultRequest) -> dict[str, str]:
    return {"user_id": str(request.user.pk), "session_id": request.session.session_key or ""}


def _idle_deadline() -> int:
    return int(time.time()) + settings.VAULT_IDLE_SECONDS


def _stored(session: SessionBase, name: str) -> bytes | None:
    try:
        return base64.b64decode(session.get(name) or "") or None
    except (ValueError, TypeError):
        return None
