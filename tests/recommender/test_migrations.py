from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

BEFORE, AFTER = ("recommender", "0001_catalogue"), ("recommender", "0003_keep_first_versions")


def migrate_to(target: tuple[str, str]):
    executor = MigrationExecutor(connection)
    executor.migrate([target])
    return MigrationExecutor(connection).loader.project_state([target]).apps


@pytest.fixture
def back_again():
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("recommender"))


@pytest.mark.django_db(transaction=True)
def test_a_catalogue_of_the_first_release_is_carried_over_with_a_first_version(back_again):
    old = migrate_to(BEFORE)
    rest = old.get_model("recommender", "Category").objects.create(slug="rest", name="Rest")
    make = old.get_model("recommender", "Activity").objects.create
    common = {"body": "Do it.", "category": rest, "targets": ["neutral"], "minutes": 5}
    make(slug="live", title="Live", evidence_grade="B", review_due=date(2099, 1, 1), active=True, **common)
    make(slug="late", title="Late", evidence_grade="B", review_due=date(2020, 1, 1), active=True, **common)
    make(slug="off", title="Off", **common)
    old.get_model("recommender", "ShippedItem").objects.create(key="category:rest", digest="x")

    new = migrate_to(AFTER)
    rows = new.get_model("recommender", "Activity").objects.values_list("slug", "reviewed_on", "active")
    assert {slug: (reviewed, active) for slug, reviewed, active in rows} == {
        "live": (timezone.localdate(), True),
        "late": (date(2020, 1, 1), True),
        "off": (None, False),
    }
    versions = new.get_model("recommender", "ActivityVersion").objects.filter(slug="late")
    ((number, content),) = versions.values_list("number", "content")
    assert (number, content["category"], content["review_due"], content["translations"]) == (
        1,
        "rest",
        "2020-01-01",
        {},
    )
    assert new.get_model("recommender", "ShippedItem").objects.get().names == ["slug", "name", "order"]
