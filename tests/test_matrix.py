"""Every address with every method as each kind of stranger: nothing of Alice shows, nothing of hers changes."""

from collections.abc import Mapping

import pytest

from accounts.allauth_internals import TOTP, generate_totp_secret
from accounts.models import User
from tests.matrix import ENDS_THE_ATTACK, METHODS, play_matrix
from tests.private import MARK, Private, browser_of, read

ROLES = ("anonymous", "other employee", "staff", "superuser")


@pytest.fixture
def private(alice: User) -> Private:
    return Private(alice)


def _person(role: str) -> User | None:
    if role == "anonymous":
        return None
    person = User.objects.create_user(
        "bob@example.org", is_staff=role != "other employee", is_superuser=role == "superuser"
    )
    # Without it no administration page opens.
    TOTP.activate(person, generate_totp_secret())
    return person


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_no_address_shows_or_changes_anything_of_alice(role: str, private: Private) -> None:
    client, before, addresses = browser_of(_person(role)), private.rows(), private.addresses()
    # Who else has an account is for administrators alone.
    secrets = private.secrets + ([] if role == "superuser" else [private.user.email])

    def ask(method: str, address: str, sent: Mapping[str, str]) -> tuple[int, str]:
        response = getattr(client, method)(address, sent, **_as_json(method))
        return response.status_code, read(response) + str(response.headers)

    result = play_matrix(ask, addresses, secrets=secrets, sent=private.named_ids, may_crash=("/readyz",))
    assert (result.leaks, result.crashes) == ([], [])
    assert private.rows() == before
    still = client.get("/admin/accounts/user/")
    assert (still.status_code == 200) == (role == "superuser"), "it had its rights to the end"
    assert result.addresses > 80
    assert result.requests >= (result.addresses - len(ENDS_THE_ATTACK)) * len(METHODS)
    assert {200, 404 if role == "anonymous" else 405} <= set(result.statuses)


def _as_json(method: str) -> dict[str, str]:
    return {"content_type": "application/json"} if method in {"put", "patch", "delete"} else {}


@pytest.mark.django_db
def test_the_matrix_would_notice(private: Private) -> None:
    def ask(method: str, address: str, sent: Mapping[str, str]) -> tuple[int, str]:
        return (500, "") if method == "put" else (200, f"{address} {sent} {MARK if method != 'get' else ''}")

    result = play_matrix(ask, ["/vault/"], secrets=private.secrets, sent=private.named_ids)
    assert result.crashes == ["put /vault/: 500"]
    assert result.leaks == [f"{method} /vault/: {MARK}" for method in ("post", "patch", "delete")]
