import io
import json
import re
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from emotion.models import Consent
from rights.export_json import MAX_BYTES
from tests.conftest import PASSWORD, sign_in
from tests.vaults import CODE_TEXT, hold_open_in, make_vault
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Audit
from vault.journal.reading import read_journal

pytestmark = pytest.mark.django_db

PAGES = ("/you/data/export/", "/you/data/import/", "/you/camera/", "/you/audit/")
GUARDED = (
    "/you/data/export/",
    "/you/data/import/",
    "/you/leave/",
    "/vault/passphrase/",
    "/vault/recover/",
    "/vault/erase/",
)


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("page", PAGES)
def test_a_locked_vault_is_opened_first(page: str, alice: User, alice_client: Client) -> None:
    make_vault(alice)
    assert alice_client.get(page)["Location"].startswith("/vault/open/")
    if page in PAGES[:2]:
        assert alice_client.post(page)["Location"].startswith("/vault/open/")


@pytest.mark.parametrize("page", GUARDED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_signed_in_long_ago_is_asked_again(
    page: str, method: str, alice: User, opened: OpenedVault, client: Client
) -> None:
    sign_in(client, alice, seconds_ago=3600)
    hold_open_in(client, alice, opened)
    answer = getattr(client, method)(page, {"confirmation": "delete my account", "passphrase": "marmalade-7731"})
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert "marmalade" not in str(dict(client.session))
    assert User.objects.filter(pk=alice.pk).exists()
    back = client.post(answer["Location"], {"password": PASSWORD, "next": page})
    assert back["Location"] == page
    assert client.get(page).status_code == 200


def test_an_export_comes_as_a_file_no_cache_keeps(open_client: Client) -> None:
    answer = open_client.post("/you/data/export/", {"formats": ["json"], "span": "all", "password": "", "again": ""})
    assert re.fullmatch(r'attachment; filename="wellbeing-\d{4}-\d\d-\d\d\.json"', answer["Content-Disposition"])
    assert "no-store" in answer["Cache-Control"]
    assert len(json.loads(answer.content)["entries"]) == 10


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"span": "all"}, "Please choose at least one."),
        ({"formats": ["exe"], "span": "all"}, "is not one of the available choices"),
        ({"formats": ["json"], "span": "all", "password": "abc", "again": "abc"}, "too easy to guess"),
        (
            {"formats": ["json"], "span": "all", "password": "quilted otter drums", "again": "x"},
            "The two are not the same.",
        ),
    ],
)
def test_a_form_that_does_not_fit_exports_nothing(
    open_client: Client, opened: OpenedVault, form: dict[str, object], said: str
) -> None:
    answer = open_client.post("/you/data/export/", form)
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert [entry.data.event for entry in read_journal(opened).of(Audit)] == ["vault_opened"]


def test_an_export_comes_back_through_the_page(open_client: Client, alice: User) -> None:
    form = {"formats": ["json"], "span": "all"}
    data = open_client.post("/you/data/export/", form).content
    answer = open_client.post("/you/data/import/", {"file": io.BytesIO(data)}, follow=True)
    assert "0 entries came back. 10 were there already, were deleted since, or are too old to be kept." in text_of(
        answer
    )


def test_a_bad_file_is_refused_on_the_page(open_client: Client) -> None:
    answer = open_client.post("/you/data/import/", {"file": SimpleUploadedFile("x.json", b"{\nno")})
    assert answer.status_code == 400
    assert "Line 2, character 1: this is not valid JSON. Nothing was changed." in text_of(answer)
    assert "The file is empty." in text_of(
        open_client.post("/you/data/import/", {"file": SimpleUploadedFile("x", b"")})
    )
    assert "Please choose a file." in text_of(open_client.post("/you/data/import/"))


def test_a_file_larger_than_other_forms_take_is_read_whole(open_client: Client) -> None:
    padded = json.dumps({"format": "wellbeing-export", "version": 1, "entries": [], "note": "x" * 4_000_000}).encode()
    answer = open_client.post("/you/data/import/", {"file": io.BytesIO(padded)}, follow=True)
    assert "0 entries came back." in text_of(answer)


def test_a_file_over_the_limit_says_so(open_client: Client) -> None:
    answer = open_client.post("/you/data/import/", {"file": SimpleUploadedFile("x.json", b" " * (MAX_BYTES + 1))})
    assert "The file is larger than 32 MB." in text_of(answer)


def test_an_import_from_another_site_is_refused(alice: User, opened: OpenedVault) -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, alice)
    hold_open_in(client, alice, opened)
    assert client.post("/you/data/import/", {"file": SimpleUploadedFile("x.json", b"{}")}).status_code == 403


def test_every_camera_use_is_listed_and_counted(open_client: Client) -> None:
    page = text_of(open_client.get("/you/camera/"))
    assert "4 in all" in page
    counts = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page))
    assert counts == {
        "Sent, read and destroyed": "1", "Not accepted or no connection, so dropped": "0",
        "Discarded in your browser": "2", "Skipped": "0", "Not allowed by the browser": "1",
        "The camera did not work": "0", "Stopped": "0",
    }  # fmt: skip
    assert page.count("you pressed the button") == 4


def test_a_dropped_still_of_the_resting_face_is_told_in_words(open_client: Client) -> None:
    use = {"use": str(uuid4()), "trigger": "neutral", "ended": "dropped"}
    assert open_client.post("/api/v1/camera-uses/", use, content_type="application/json").status_code == 201
    page = text_of(open_client.get("/you/camera/"))
    assert "Not accepted or no connection, so dropped for your resting face" in " ".join(
        re.sub("<[^>]+>", "", page).split()
    )


def test_what_was_done_is_listed(open_client: Client) -> None:
    page = text_of(open_client.get("/you/audit/"))
    assert "Vault opened" in page
    assert "Firefox on Linux" in page


def test_a_stranger_and_an_administrator_see_lists_of_their_own(
    opened: OpenedVault, bob: User, bob_client: Client, root: User, root_client: Client
) -> None:
    for user, client in ((bob, bob_client), (root, root_client)):
        hold_open_in(client, user, make_vault(user))
        assert "The camera has never been used." in text_of(client.get("/you/camera/"))
        assert "Firefox on Linux" not in text_of(client.get("/you/audit/"))
        answer = client.post("/you/data/export/", {"formats": ["json"], "span": "all"})
        assert json.loads(answer.content)["entries"] == []


def test_deleting_the_account_needs_the_words(open_client: Client, alice: User) -> None:
    answer = open_client.post("/you/leave/", {"confirmation": "delete"})
    assert "the words are not the same" in text_of(answer)
    assert User.objects.filter(pk=alice.pk).exists()


def test_what_limits_have_counted_goes_with_the_account(open_client: Client, alice: User) -> None:
    open_client.post("/accounts/reauthenticate/", {"password": "wrong"})
    use = {"use": str(uuid4()), "trigger": "manual", "ended": "discarded"}
    open_client.post("/api/v1/camera-uses/", use, content_type="application/json")
    counted = [key for key in cache._cache if key.endswith((f":user:{alice.pk}", f"_{alice.pk}"))]  # type: ignore[attr-defined]
    assert len(counted) == 2
    open_client.post("/you/leave/", {"confirmation": "Delete my account", "secret": CODE_TEXT})
    assert [key for key in counted if key in cache._cache] == []  # type: ignore[attr-defined]


def test_deleting_the_account_shows_a_receipt_and_signs_out(open_client: Client, alice: User) -> None:
    answer = open_client.post("/you/leave/", {"confirmation": "Delete my account", "secret": CODE_TEXT})
    page = text_of(answer)
    assert "Your account is gone" in page
    assert "erased, with all entries, and its keys destroyed" in page
    assert not User.objects.filter(pk=alice.pk).exists()
    assert open_client.get("/you/")["Location"].startswith("/accounts/login/")
    assert open_client.cookies["vaultkey"].value == ""
    signed_in = Client().post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert signed_in.status_code == 200


def test_a_receipt_for_programs_names_terms_text_and_status(
    open_client: Client, alice: User, bob_client: Client, root_client: Client
) -> None:
    consent = Consent.objects.get(user=alice)
    where = f"/consent/{consent.pk}/receipt.jsonld"
    receipt = json.loads(open_client.get(where).content)
    assert receipt["@type"] == "dpv:ConsentReceipt"
    assert receipt["@context"]["dpv"] == "https://w3id.org/dpv#"
    assert receipt["dpv:hasNotice"]["wb:sha256"] == consent.text_hash
    assert receipt["dpv:hasNotice"]["dct:description"]["title"] == "Snapshots of my face"
    assert [status["@type"] for status in receipt["dpv:hasConsentStatus"]] == [
        "dpv:ConsentGiven",
        "dpv:ConsentWithdrawn",
    ]
    assert receipt["dpv:hasConsentStatus"][0]["dpv:isIndicatedAtTime"]["@value"] == consent.given_at.isoformat()
    assert receipt["dpv:hasProcess"]["dpv:hasLegalBasis"] == {"@id": "dpv:ExplicitlyExpressedConsent"}
    assert "dpv:hasJurisdiction" not in receipt["dpv:hasProcess"]
    for stranger in (bob_client, root_client):
        assert stranger.get(where).status_code == 404
