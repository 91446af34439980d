import json
import re

import pytest
from django.test import Client

from accounts.models import User
from emotion.choices import Expression
from tests.signed import agree, make_schedule
from tests.vaults import make_vault

pytestmark = pytest.mark.usefixtures("opened_before")

CAMERA_ON, CAMERA_OFF = "camera=(self)", "camera=()"


def _camera(client: Client, path: str) -> str:
    return client.get(path).headers["Permissions-Policy"].split(",")[0]


@pytest.mark.django_db
def test_the_browser_may_be_asked_for_the_camera_on_this_page_alone(alice_client: Client, alice: User) -> None:
    make_vault(alice)
    agree(alice)
    assert _camera(alice_client, "/capture/") == CAMERA_ON
    for path in ("/today/", "/consent/", "/you/", "/vault/", "/privacy/", "/api/v1/captures/"):
        assert _camera(alice_client, path) == CAMERA_OFF


@pytest.mark.django_db
def test_without_a_vault_the_camera_stays_off(alice_client: Client, alice: User) -> None:
    agree(alice)
    assert _camera(alice_client, "/capture/") == CAMERA_OFF
    page = alice_client.get("/capture/").content.decode()
    assert "Make your vault" in page
    assert "data-taking" not in page


@pytest.mark.django_db
def test_without_consent_the_camera_stays_off(alice_client: Client, alice: User) -> None:
    make_vault(alice)
    assert _camera(alice_client, "/capture/") == CAMERA_OFF
    page = alice_client.get("/capture/").content.decode()
    assert "Read what you would agree to" in page
    assert "data-taking" not in page


@pytest.mark.django_db
def test_an_own_interval_stays_in_the_list(alice_client: Client, alice: User) -> None:
    make_vault(alice)
    agree(alice)
    make_schedule(alice, days=[0], start="09:00", end="12:00", every_minutes=75)
    page = alice_client.get("/capture/").content.decode()
    assert '<option value="75" selected>75 minutes</option>' in page


@pytest.mark.django_db
def test_the_scripts_are_told_addresses_and_words_and_no_name(alice_client: Client, alice: User) -> None:
    page = alice_client.get("/capture/").content.decode()
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page)
    assert found is not None
    data = json.loads(found[1])
    assert len(data.pop("person")) == 16
    assert data.pop("looks") == dict(Expression.choices)
    assert data.pop("outcomes") == {
        "no_face": "No face in the picture",
        "several_faces": "More than one face",
        "too_small": "Face too far away",
        "too_dark": "Too dark",
        "too_bright": "Too bright",
        "blurred": "Blurred",
        "turned_away": "Face turned away",
        "low_confidence": "Hard to tell",
    }
    assert data == {
        "api": "/api/v1/",
        "openVault": "/vault/open/?next=/capture/",
        "signIn": "/accounts/login/?next=/capture/",
        "today": "/today/#checkin",
        "icon": "/static/img/icon-192.png",
    }


@pytest.mark.django_db
def test_settings_lead_to_everything_that_is_ones_own(alice_client: Client) -> None:
    page = alice_client.get("/you/").content.decode()
    for path in ("/vault/new/", "/consent/", "/capture/#schedule", "/accounts/password/change/", "/accounts/logout/"):
        assert f'href="{path}"' in page
    assert 'href="/admin/"' not in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/capture/", "/you/", "/consent/"])
def test_nothing_here_is_public(client: Client, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"
