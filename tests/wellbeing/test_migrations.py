"""Addresses of the first releases, some with capital letters, are carried over; nobody's account is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, AFTER = ("wellbeing", "0003_camera_declaration"), ("wellbeing", "0004_addresses_in_small_letters")
ADDRESSES = ("account", "0009_emailaddress_unique_primary_email")


def migrate_to(target: tuple[str, str]) -> Any:
    MigrationExecutor(connection).migrate([target])
    return MigrationExecutor(connection).loader.project_state([target, ADDRESSES]).apps


@pytest.fixture
def before() -> Iterator[Any]:
    """The models as they were. Brings the tables up to date again."""
    old = migrate_to(BEFORE)
    yield old
    old.get_model("wellbeing", "User").objects.all().delete()
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("wellbeing"))


def test_addresses_are_put_into_small_letters(before: Any) -> None:
    users, addresses = before.get_model("wellbeing", "User"), before.get_model("account", "EmailAddress")
    ada = users.objects.create(email="Ada.Admin@example.org")
    users.objects.create(email="bob@example.org")
    addresses.objects.create(user=ada, email="Ada.Admin@example.org", primary=True, verified=True)
    after = migrate_to(AFTER)
    kept = after.get_model("wellbeing", "User").objects.order_by("email").values_list("email", flat=True)
    assert list(kept) == ["ada.admin@example.org", "bob@example.org"]
    assert after.get_model("account", "EmailAddress").objects.get().email == "ada.admin@example.org"


def test_two_accounts_that_would_become_one_stop_it_and_stay_as_they_are(before: Any) -> None:
    users = before.get_model("wellbeing", "User")
    first = users.objects.create(email="Ada@example.org")
    second = users.objects.create(email="ada@example.org")
    with pytest.raises(CommandError) as stopped:
        migrate_to(AFTER)
    assert str(stopped.value) == (
        f"Accounts {first.pk} and {second.pk} have one e-mail address between them, but for capital letters. Nothing "
        "was changed: give one of the two another address, as docs/operations.md shows, then set up again."
    )
    assert set(users.objects.values_list("email", flat=True)) == {"Ada@example.org", "ada@example.org"}


def test_two_addresses_of_which_one_would_count_for_both_stop_it(before: Any) -> None:
    users, addresses = before.get_model("wellbeing", "User"), before.get_model("account", "EmailAddress")
    rows = [
        addresses.objects.create(user=users.objects.create(email=f"{n}@example.org"), email=email, verified=True)
        for n, email in enumerate(("ada@example.org", "Ada@example.org"))
    ]
    with pytest.raises(CommandError, match=f"^Addresses {rows[0].pk} and {rows[1].pk} have one"):
        migrate_to(AFTER)
    addresses.objects.filter(pk=rows[1].pk).update(verified=False)
    migrate_to(AFTER)
    assert set(addresses.objects.values_list("email", flat=True)) == {"ada@example.org"}
