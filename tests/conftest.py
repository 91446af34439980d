"""Alice owns what is private, Bob is a stranger, Root is a curious superuser."""

import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.allauth_internals import TOTP, generate_totp_secret
from accounts.models import User
from tests.valkey import valkey, valkey_server
from vault.crypto import key_slots

__all__ = ["valkey", "valkey_server"]

pytest_plugins = ("tests.levels",)

PASSWORD = "correct horse battery"
CHEAP = key_slots.Cost(memory=64, passes=1, lanes=1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if marker := item.get_closest_marker("django_db"):
            given = {"databases": "__all__", **marker.kwargs}
            item.add_marker(pytest.mark.django_db(*marker.args, **given), append=False)


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def real_argon2() -> None:
    """For tests of what a guess costs: passphrases are locked as in production, which takes about 160 ms each time."""


@pytest.fixture(autouse=True)
def _cheap_argon2(request: pytest.FixtureRequest) -> Iterator[None]:
    """Passphrases cost next to nothing, except where a test asks for `real_argon2`."""
    if "real_argon2" in request.fixturenames:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_slots, "ARGON2_FLOOR", CHEAP)
        # The cost of a new lock was bound to that name's former value when the function was defined.
        defaults = key_slots.wrap_with_passphrase.__kwdefaults__
        assert defaults is not None
        patch.setitem(defaults, "cost", CHEAP)
        yield


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@example.org", PASSWORD)


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.org", PASSWORD)


@pytest.fixture
def root(db: None) -> User:
    """With the second factor without which no administration page opens."""
    user = User.objects.create_superuser("root@example.org", PASSWORD)
    TOTP.activate(user, generate_totp_secret())
    return user


def sign_in(client: Client, user: User, *, seconds_ago: float = 0) -> None:
    """As if `user` had typed the password that long ago."""
    client.force_login(user)
    session = client.session
    record = {"method": "password", "at": time.time() - seconds_ago, "reauthenticated": True}
    session["account_authentication_methods"] = [record]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def _client_of(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


@pytest.fixture
def alice_client(alice: User) -> Client:
    return _client_of(alice)


@pytest.fixture
def bob_client(bob: User) -> Client:
    return _client_of(bob)


@pytest.fixture
def root_client(root: User) -> Client:
    return _client_of(root)
