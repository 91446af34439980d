"""API tokens: shown to their person once, kept as a hash, so that a copy of the database speaks for nobody."""

import hashlib
import secrets
from typing import Any

from django.db import transaction
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token

from accounts.models import User

# The column holds 40 characters: 160 bits of the hash.
_KEPT = 40


class HashedTokenAuthentication(TokenAuthentication):
    def authenticate_credentials(self, key: str) -> Any:
        return super().authenticate_credentials(_hash(key))


@transaction.atomic
def make_token(user: User) -> str:
    """A new token (256 bits) in place of the one before. It opens no vault."""
    revoke_token(user)
    key = secrets.token_urlsafe(32)
    Token.objects.create(user=user, key=_hash(key))
    return key


def revoke_token(user: User) -> None:
    Token.objects.filter(user=user).delete()


def get_token(user: User) -> Token | None:
    return Token.objects.filter(user=user).first()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:_KEPT]
