"""One API token for each person, and nobody ends that of another."""

import pytest
from rest_framework.authtoken.models import Token

from accounts.models import User
from accounts.tokens import get_token, make_token, revoke_token

pytestmark = pytest.mark.django_db


def test_a_new_token_takes_the_place_of_ones_own_alone(alice: User, bob: User) -> None:
    for user in (alice, bob):
        make_token(user)
    first, theirs = get_token(alice), get_token(bob)
    make_token(alice)
    assert get_token(alice) != first
    assert get_token(bob) == theirs is not None
    assert Token.objects.count() == 2


def test_a_revoked_token_is_ones_own_alone(alice: User, bob: User) -> None:
    for user in (alice, bob):
        make_token(user)
    revoke_token(alice)
    assert get_token(alice) is None
    assert get_token(bob) is not None
