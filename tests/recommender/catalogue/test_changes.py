"""The page on which everybody reads what administrators did to the catalogue."""

import pytest
from django.test import Client

from accounts.models import User
from recommender.catalogue.changes import describe_versions, list_versions
from recommender.catalogue.models import Activity, ActivityVersion
from recommender.catalogue.services.activities import bring_back, delete_activities, save_activity
from recommender.dashboard import views
from tests.recommender.activities import make_activity

pytestmark = pytest.mark.django_db
PAGE = "/catalogue/changes/"


def tell() -> list[tuple[str, int, dict[str, tuple[str, str]]]]:
    return [
        (change.title, change.number, {str(one.name): (one.before, one.now) for one in change.differences})
        for change in describe_versions(list_versions())
    ]


def make_honey(root: User) -> Activity:
    honey = make_activity("quiet-room", targets=["neutral", "happiness"])
    save_activity(honey, by=root, note="Created")
    honey.targets, honey.cooldown_hours = ["sadness"], 0
    save_activity(honey, by=root, note="Edited")
    return honey


def test_a_new_activity_tells_whom_it_is_for_and_a_changed_one_what_is_different(root: User) -> None:
    make_honey(root)
    assert tell() == [
        (
            "Quiet room",
            2,
            {
                "For a face that looks": ("happy, neutral", "sad"),
                "Hours it rests once it was offered": ("20", "0"),
            },
        ),
        (
            "Quiet room",
            1,
            {
                "Offered": ("", "yes"),
                "For a face that looks": ("", "happy, neutral"),
                "Minutes": ("", "5"),
                "Where": ("", "anywhere"),
                "When": ("", "at any time"),
                "Hours it rests once it was offered": ("", "20"),
                "Kind": ("", "movement"),
                "What to do": ("", "Do quiet-room."),
            },
        ),
    ]


def test_what_is_taken_out_and_put_back_stays_to_be_read(root: User) -> None:
    delete_activities([make_honey(root)], by=root)
    bring_back(ActivityVersion.objects.get(number=3), by=root)
    assert [(number, told) for _title, number, told in tell()][:2] == [
        (4, {"Taken out of the catalogue": ("yes", "no"), "Offered": ("yes", "no")}),
        (3, {"Taken out of the catalogue": ("no", "yes")}),
    ]


def test_many_deleted_at_once_are_told_too(root_client: Client, root: User) -> None:
    honey = make_honey(root)
    data = {"action": "delete_selected", "_selected_action": [honey.pk], "post": "yes"}
    root_client.post("/admin/recommender/activity/", data)
    assert not Activity.objects.exists()
    assert tell()[0] == ("Quiet room", 3, {"Taken out of the catalogue": ("no", "yes")})


def test_everybody_signed_in_reads_it_and_no_name_is_on_it(
    alice_client: Client, client: Client, root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "CHANGES_A_PAGE", 1)
    make_honey(root)
    first, second = (alice_client.get(PAGE, {"page": page}).content.decode() for page in ("1", "2"))
    assert "<del>happy, neutral</del> <ins>sad</ins>" in first
    assert "?page=2" in first
    assert "Do quiet-room." in second
    assert root.email not in first + second
    german = alice_client.get(PAGE, headers={"accept-language": "de"})
    assert german.status_code == 200
    assert client.get(PAGE).status_code == 302


def test_the_list_of_all_activities_leads_there(opened_client: Client) -> None:
    make_activity()
    assert f'href="{PAGE}"' in opened_client.get("/activities/").content.decode()
