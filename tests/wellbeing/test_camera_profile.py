"""With the camera off the site is whole: no route, no model, no word of it. With it on, somebody must answer for it."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, clear_url_caches, reverse

from accounts.models import User
from emotion.checks import check_declaration
from emotion.consent_text import CONSENT_TEXT
from emotion.models import CameraDeclaration
from emotion.services.consents import give_consent
from tests.addresses import every_address, every_route
from tests.signed import agree
from tests.vaults import hold_open_in, make_vault

ROOT = Path(__file__).parent.parent.parent
DECLARED = {
    "who": "Example Ltd, privacy@example.org",
    "legal_basis": "Explicit consent",
    "region": "Switzerland",
    "dpia": "DPIA-2026-7",
}


def _reload() -> None:
    for name in ("emotion.urls", "emotion.api.urls", "wellbeing.urls"):
        importlib.reload(importlib.import_module(name))
    clear_url_caches()


@pytest.fixture
def without_camera(settings: object) -> Iterator[None]:
    settings.CAMERA = False  # type: ignore[attr-defined]
    _reload()
    yield
    settings.CAMERA = True  # type: ignore[attr-defined]
    _reload()


@pytest.mark.django_db
def test_there_is_no_route_to_the_camera(without_camera: None, alice: User, alice_client: Client) -> None:
    make_vault(alice)
    give_consent(user=alice, text_version=CONSENT_TEXT.version)
    assert [route for route in every_route() if "capture" in route] == []
    for address in ("/capture/", "/api/v1/captures/", "/consent/agree/"):
        assert alice_client.get(address).status_code == 404
        assert alice_client.post(address).status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("capture")


@pytest.mark.django_db
def test_every_page_works_and_none_allows_the_camera(without_camera: None, alice: User, alice_client: Client) -> None:
    hold_open_in(alice_client, alice, make_vault(alice))
    seen = 0
    for address in every_address({"*": ["1"]}):
        if "logout" in address or "vault/close" in address:
            continue
        response = alice_client.get(address)
        assert response.status_code < 500 or address == "/readyz", address
        assert "camera=()" in response["Permissions-Policy"], address
        seen += 1
    assert seen > 80


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/", "/today/", "/you/", "/journal/", "/accounts/signup/", "/you/data/", "/vault/"])
def test_pages_do_not_speak_of_snapshots(page: str, without_camera: None, alice: User, alice_client: Client) -> None:
    hold_open_in(alice_client, alice, make_vault(alice))
    client = Client() if page in {"/", "/accounts/signup/"} else alice_client
    text = client.get(page).content.decode().lower()
    assert "snapshot" not in text
    assert "camera" not in text


@pytest.mark.django_db
def test_a_consent_given_before_can_still_be_read_and_withdrawn(
    without_camera: None, alice: User, alice_client: Client
) -> None:
    consent = agree(alice)
    assert str(consent.pk) in alice_client.get("/consent/").content.decode()
    assert alice_client.get(f"/consent/{consent.pk}/").status_code == 200
    alice_client.post("/consent/withdraw/")
    consent.refresh_from_db()
    assert consent.ended_at is not None


_WORKER = """
import os, sys
import django
django.setup()
from celery.signals import worker_init, worker_process_init
import emotion.tasks
import wellbeing.celery
from django.core.checks import run_checks
from django.urls import get_resolver
get_resolver().url_patterns
worker_init.send(sender=None)
worker_process_init.send(sender=None)
found = [m for m in sys.modules if m.startswith(("emotion.classifier.runtime", "cv2", "ai_edge_litert"))]
print(found, [str(e.id) for e in run_checks() if e.id.startswith("emotion")])
"""


def test_a_worker_needs_and_loads_no_model(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "wellbeing.settings",
        "WELLBEING_CAMERA": "off",
        "WELLBEING_ENV_FILE": os.devnull,
        "WELLBEING_DATA_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", _WORKER], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[] []"


@pytest.mark.parametrize(
    ("variables", "on"),
    [
        ({}, True),
        ({"WELLBEING_URL": "https://mood.example.org"}, False),
        ({"WELLBEING_URL": "https://mood.example.org", "WELLBEING_CAMERA": "on"}, True),
        ({"WELLBEING_CAMERA": "off"}, False),
    ],
)
def test_it_is_off_wherever_the_site_has_a_public_address(variables: dict[str, str], on: bool, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WELLBEING_")}
    environment |= {"WELLBEING_ENV_FILE": os.devnull, "WELLBEING_DATA_DIR": str(tmp_path), **variables}
    code = "from wellbeing import settings; print(settings.CAMERA)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == str(on)


@pytest.mark.django_db
def test_readiness_asks_for_no_worker(without_camera: None, client: Client) -> None:
    assert client.get("/readyz").json()["checks"] == {"database": True}


@pytest.mark.django_db
def test_check_deploy_fails_until_somebody_has_declared(settings: object, client: Client) -> None:
    (error,) = check_declaration(app_configs=None)
    assert (error.id, error.is_serious()) == ("emotion.E002", True)
    assert error in run_checks(include_deployment_checks=True)
    call_command("declare_camera", **DECLARED, date="2026-03-01")
    assert check_declaration(app_configs=None) == []
    page = client.get("/privacy/").content.decode()
    for words in (*DECLARED.values(), "1 March 2026"):
        assert words in page


@pytest.mark.django_db
def test_nothing_needs_declaring_while_the_camera_is_off(without_camera: None) -> None:
    assert check_declaration(app_configs=None) == []


@pytest.mark.django_db
def test_the_latest_declaration_counts_and_stands_in_receipts(alice: User, alice_client: Client) -> None:
    call_command("declare_camera", **DECLARED)
    call_command("declare_camera", **(DECLARED | {"region": "Norway"}))
    assert CameraDeclaration.objects.count() == 2
    page = alice_client.get("/privacy/").content.decode()
    assert "Norway" in page
    assert "Switzerland" not in page
    consent = agree(alice)
    receipt = json.loads(alice_client.get(f"/consent/{consent.pk}/receipt.jsonld").content)
    assert receipt["dpv:hasProcess"]["dpv:hasJurisdiction"] == {"dct:title": "Norway"}
    assert receipt["dpv:hasDataController"]["dct:title"] == DECLARED["who"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"region": " "}, "--region must have 3 to 300 characters."),
        ({"legal_basis": "x" * 301}, "--legal-basis must have 3 to 300 characters."),
        ({"date": "March"}, "--date must look like 2026-03-01"),
        ({"date": "2999-01-01"}, "--date lies in the future."),
    ],
)
def test_a_declaration_that_says_nothing_is_refused(change: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("declare_camera", **(DECLARED | change))
    assert not CameraDeclaration.objects.exists()
