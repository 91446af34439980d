"""API tokens: shown to their person once, kept as a hash, so that a copy of the database speaks for nobody.

A token does one thing, for at most 90 days. It gives no consent, sets no schedule, sends no picture and opens no vault.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken, User

LIFE: Final = timedelta(days=90)


class HashedTokenAuthentication(TokenAuthentication):
    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        """Raises AuthenticationFailed, in the same words whatever is wrong."""
        token = ApiToken.objects.select_related("user").filter(key_hash=_hash(key)).first()
        if token is None or not _is_valid(token):
            raise AuthenticationFailed(_("This token is none, or none any more."))
        return token.user, token


class TokenScopePermission(BasePermission):
    """A token is let in only where a view's `token_scopes` names its scope for the method; a session everywhere."""

    message = _("This token is not for that.")

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        scopes: dict[str, str] = getattr(view, "token_scopes", {})
        return scopes.get(str(request.method)) == request.auth.scope


@transaction.atomic
def make_token(user: User, scope: ApiToken.Scope, *, suffix: str = "") -> str:
    """A new token (256 bits, then `suffix`) in place of the one before."""
    revoke_token(user)
    key = secrets.token_urlsafe(32) + suffix
    ApiToken.objects.create(
        user=user,
        key_hash=_hash(key),
        scope=scope,
        expires_at=timezone.now() + LIFE,
        auth_hash=user.get_session_auth_hash(),
    )
    return key


def revoke_token(user: User) -> None:
    ApiToken.objects.filter(user=user).delete()


def get_token(user: User) -> ApiToken | None:
    """The one that still works."""
    token = ApiToken.objects.select_related("user").filter(user=user).first()
    return token if token and _is_valid(token) else None


def _is_valid(token: ApiToken) -> bool:
    is_same = constant_time_compare(token.auth_hash, token.user.get_session_auth_hash())
    return is_same and token.user.is_active and timezone.now() < token.expires_at


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
