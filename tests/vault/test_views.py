import logging
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.utils.log import AdminEmailHandler
from pytest_django.fixtures import Settings

from accounts.models import Session, User
from tests.accounts.test_second_factor import confirm
from tests.conftest import sign_in
from tests.responses import ClientResponse
from tests.vaults import CODE, CODE_TEXT, hold_open_in, make_vault
from vault.crypto.key_pairs import make_key_pair
from vault.crypto.key_phrase import make_key_phrase
from vault.crypto.recovery import format_recovery_code, make_recovery_code, split_groups
from vault.forms import asked_places
from vault.journal.entries import KeyAltered
from vault.keystore.models import ErasureKey
from vault.models import Entry, KeySlot, Vault
from vault.services.lifecycle import create_vault, open_vault

PASSPHRASE = "quilted otter drums vivid canyon"
NEXT_PASSPHRASE = "mellow anchor tulip frosty gecko"
NEW = {"new_passphrase": PASSPHRASE, "again": PASSPHRASE}
PAGES = ("", "new/", "code/", "code/check/", "open/", "close/", "awake/", "passphrase/", "recover/", "erase/")

pytestmark = pytest.mark.django_db


def text_of(response: ClientResponse) -> str:
    return response.content.decode()


def errors_of(response: ClientResponse) -> list[str]:
    return re.findall(
        r"<li>([^<]+)</li>", "".join(re.findall(r'<ul class="errorlist.*?</ul>', text_of(response), re.S))
    )


def shown_code(client: Client) -> str:
    found = re.search(r'data-copy-text="([^"]+)"', text_of(client.get("/vault/code/")))
    assert found
    return found[1]


def typed_back(code: str) -> dict[str, str]:
    groups = split_groups(code)
    return {f"group_{place}": f" {groups[place - 1].lower()} " for place in asked_places(code)}


def is_open(client: Client) -> bool:
    return client.get("/vault/").wsgi_request.opened_vault is not None  # type: ignore[attr-defined]


def make_in_browser(client: Client) -> str:
    assert client.post("/vault/new/", NEW).headers["Location"] == "/vault/code/"
    code = shown_code(client)
    client.post("/vault/code/check/", typed_back(code))
    return code


def test_a_person_makes_a_vault_and_finds_it_open(alice: User, alice_client: Client) -> None:
    assert alice_client.get("/vault/").headers["Location"] == "/vault/new/"
    make_in_browser(alice_client)
    assert is_open(alice_client)
    assert open_vault(user=alice, passphrase=PASSPHRASE).vault_id == alice.vault.pk


def test_there_is_no_vault_before_the_code_was_typed_back(alice: User, alice_client: Client) -> None:
    alice_client.post("/vault/new/", NEW)
    code = shown_code(alice_client)
    wrong = alice_client.post("/vault/code/check/", dict.fromkeys(typed_back(code), "0000"))
    assert len(errors_of(wrong)) == 2
    assert code not in text_of(wrong)
    assert (Vault.objects.count(), ErasureKey.objects.count()) == (0, 0)


def test_the_code_survives_a_reload_until_it_is_confirmed_and_no_longer(alice_client: Client) -> None:
    alice_client.post("/vault/new/", NEW)
    code = shown_code(alice_client)
    assert shown_code(alice_client) == code
    assert alice_client.get("/vault/").headers["Location"] == "/vault/code/"
    alice_client.post("/vault/code/check/", typed_back(code))
    assert alice_client.get("/vault/code/").headers["Location"] == "/vault/"
    assert code not in text_of(alice_client.get("/vault/"))


def test_the_code_is_for_this_session_alone(alice: User, alice_client: Client) -> None:
    alice_client.post("/vault/new/", NEW)
    elsewhere = Client()
    elsewhere.force_login(alice)
    assert elsewhere.get("/vault/code/").headers["Location"] == "/vault/"
    elsewhere.cookies["vaultkey"] = alice_client.cookies["vaultkey"].value
    assert elsewhere.get("/vault/code/").headers["Location"] == "/vault/"


def test_a_session_row_holds_neither_code_nor_passphrase(alice_client: Client) -> None:
    alice_client.post("/vault/new/", NEW)
    code = shown_code(alice_client)
    rows = str([(row.session_data, row.get_decoded()) for row in Session.objects.all()])
    for secret in (PASSPHRASE, code, code.replace("-", ""), *split_groups(code)[:1]):
        assert secret not in rows


def test_a_draft_can_be_given_up(alice_client: Client) -> None:
    alice_client.post("/vault/new/", NEW)
    alice_client.post("/vault/code/")
    assert alice_client.get("/vault/").headers["Location"] == "/vault/new/"
    assert Vault.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"new_passphrase": "password", "again": "password"}, "That would be too easy to guess."),
        ({"new_passphrase": PASSPHRASE, "again": NEXT_PASSPHRASE}, "This is not the passphrase above."),
        ({"new_passphrase": PASSPHRASE}, "This field is required."),
        ({"new_passphrase": "", "offered": PASSPHRASE, "again": NEXT_PASSPHRASE}, "This is not the passphrase above."),
        ({"new_passphrase": "", "offered": "password", "again": "password"}, "That would be too easy to guess."),
        (
            {"new_passphrase": "ich liebe dich", "again": "ich liebe dich"},
            "That would be too easy to guess. It is made",
        ),
        ({"new_passphrase": "alice@example.org", "again": "alice@example.org"}, "That would be too easy to guess."),
    ],
)
def test_a_poor_passphrase_is_sent_back_with_advice(data: dict[str, str], said: str, alice_client: Client) -> None:
    response = alice_client.post("/vault/new/", data)
    assert len(errors_of(response)) == 1
    assert errors_of(response)[0].startswith(said)
    assert f'value="{data["new_passphrase"]}"' not in text_of(response).replace('value=""', "")


def test_six_words_are_offered(alice_client: Client) -> None:
    offers = [re.search(r"data-offer-words>([^<]+)<", text_of(alice_client.get("/vault/new/"))) for _ in range(2)]
    words = [offer[1].split() for offer in offers if offer]
    assert [len(six) for six in words] == [6, 6]
    assert words[0] != words[1]


def test_the_words_offered_become_the_passphrase_once_they_were_typed_back(alice: User, alice_client: Client) -> None:
    page = text_of(alice_client.get("/vault/new/"))
    offered = re.search(r'name="offered" value="([^"]+)"', page)
    assert offered
    assert f"data-offer-words>{offered[1]}<" in page
    alice_client.post("/vault/new/", {"offered": offered[1], "new_passphrase": "", "again": f" {offered[1]}"})
    alice_client.post("/vault/code/check/", typed_back(shown_code(alice_client)))
    assert open_vault(user=alice, passphrase=offered[1]).vault_id == Vault.objects.get().pk


def test_a_passphrase_of_ones_own_goes_before_the_words_offered(alice: User, alice_client: Client) -> None:
    alice_client.post("/vault/new/", {**NEW, "offered": NEXT_PASSPHRASE})
    alice_client.post("/vault/code/check/", typed_back(shown_code(alice_client)))
    assert open_vault(user=alice, passphrase=PASSPHRASE).vault_id == Vault.objects.get().pk


def test_words_once_offered_stay_when_something_else_is_mistyped(alice_client: Client) -> None:
    page = text_of(alice_client.post("/vault/new/", {"offered": PASSPHRASE, "again": "quilted otter"}))
    assert f"data-offer-words>{PASSPHRASE}<" in page


def test_the_words_of_its_key_are_on_the_paper_at_every_opening_and_on_its_page(
    alice: User, bob: User, alice_client: Client, bob_client: Client
) -> None:
    alice_client.post("/vault/new/", NEW)
    paper = text_of(alice_client.get("/vault/code/"))
    alice_client.post("/vault/code/check/", typed_back(shown_code(alice_client)))
    phrase = make_key_phrase(bytes(Vault.objects.get(user=alice).public_key))
    assert f">{phrase}<" in paper
    make_vault(bob)
    for page in ("/vault/", "/vault/open/"):
        if page == "/vault/open/":
            alice_client.post("/vault/close/")
        assert f">{phrase}<" in text_of(alice_client.get(page))
        assert phrase not in text_of(bob_client.get(page))
    Vault.objects.filter(user=alice).update(public_key=make_key_pair().public)
    assert phrase not in text_of(alice_client.get("/vault/open/"))


def test_recovering_keeps_the_words_and_new_keys_have_new_ones(alice: User, alice_client: Client) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    phrase = make_key_phrase(bytes(Vault.objects.get().public_key))
    told = {"passphrase": PASSPHRASE, "new_passphrase": NEXT_PASSPHRASE, "again": NEXT_PASSPHRASE}
    alice_client.post("/vault/renew/", told)
    page = text_of(alice_client.get("/vault/code/"))
    assert "The words of this vault:" in page
    assert phrase not in page


def test_opening_returns_to_where_the_person_was(alice: User, alice_client: Client) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    response = alice_client.post("/vault/open/", {"passphrase": PASSPHRASE, "next": "/vault/erase/?x=1"})
    assert response.headers["Location"] == "/vault/erase/"
    assert is_open(alice_client)
    alice_client.post("/vault/close/")
    assert not is_open(alice_client)
    assert alice_client.cookies["vaultkey"].value == ""


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.org"])
def test_opening_never_leads_to_another_site(target: str, alice: User, alice_client: Client) -> None:
    hold_open_in(alice_client, alice, make_vault(alice))
    assert alice_client.get("/vault/open/", {"next": target}).headers["Location"] == "/"


def test_the_cookie_is_for_this_site_and_no_script(alice: User, alice_client: Client) -> None:
    make_in_browser(alice_client)
    cookie = alice_client.cookies["vaultkey"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Strict", "/", "")
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


def test_over_https_the_cookie_is_bound_to_the_host(alice_client: Client, settings: Settings) -> None:
    settings.HTTPS, settings.VAULT_COOKIE_NAME = True, "__Host-vaultkey"
    alice_client.post("/vault/new/", NEW, secure=True)
    cookie = alice_client.cookies["__Host-vaultkey"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    alice_client.post("/vault/code/", secure=True)
    taken_back = alice_client.cookies["__Host-vaultkey"]
    assert (taken_back.value, taken_back["secure"], taken_back["path"]) == ("", True, "/")


def test_an_idle_vault_is_met_with_a_gentle_word(alice: User, alice_client: Client) -> None:
    make_vault(alice)
    assert "You were away for a while" in text_of(alice_client.get("/vault/open/?away=1&next=/vault/"))
    assert "You were away" not in text_of(alice_client.get("/vault/open/"))


def test_a_wrong_passphrase_gets_one_constant_message(alice: User, alice_client: Client) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    answers = [alice_client.post("/vault/open/", {"passphrase": wrong}) for wrong in ("x", PASSPHRASE + "s", "🦦" * 64)]
    assert {answer.status_code for answer in answers} == {403}
    assert {tuple(errors_of(answer)) for answer in answers} == {
        ("That did not open the vault. Please check it and try again.",)
    }
    assert not is_open(alice_client)


def test_too_many_wrong_tries_say_how_long_to_wait(alice: User, alice_client: Client) -> None:
    make_vault(alice)
    wrong = {"code": make_recovery_code(), "new_passphrase": PASSPHRASE, "again": PASSPHRASE}
    answers = [alice_client.post("/vault/recover/", wrong).status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]
    again = alice_client.post("/vault/recover/", {**wrong, "code": format_recovery_code(CODE)})
    assert errors_of(again) == ["That was tried too often. Please wait a minute."]
    assert int(again.headers["Retry-After"]) in {58, 59, 60}


def test_a_passphrase_is_changed(alice: User, alice_client: Client) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    data = {"passphrase": PASSPHRASE, "new_passphrase": NEXT_PASSPHRASE, "again": NEXT_PASSPHRASE}
    assert alice_client.post("/vault/passphrase/", data).headers["Location"] == "/vault/"
    assert alice_client.post("/vault/open/", {"passphrase": PASSPHRASE}).status_code == 403
    assert alice_client.post("/vault/open/", {"passphrase": NEXT_PASSPHRASE}).status_code == 302


def test_a_forgotten_passphrase_is_replaced_with_the_code_and_the_old_code_dies(
    alice: User, alice_client: Client
) -> None:
    opened = make_vault(alice)
    data = {"code": format_recovery_code(CODE).lower(), **NEW}
    assert alice_client.post("/vault/recover/", data).headers["Location"] == "/vault/code/"
    assert "new recovery code still waits" in text_of(alice_client.get("/vault/"))
    new_code = shown_code(alice_client)
    alice_client.post("/vault/code/check/", typed_back(new_code))
    assert alice_client.get("/vault/").wsgi_request.opened_vault == opened  # type: ignore[attr-defined]
    confirm(alice_client)
    assert alice_client.post("/vault/recover/", data).status_code == 403
    assert alice_client.post("/vault/recover/", {**data, "code": new_code}).status_code == 302


@pytest.mark.parametrize("page", ["open/", "passphrase/", "renew/", "recover/"])
def test_a_vault_whose_public_key_was_swapped_does_not_open_and_says_why(
    page: str, alice: User, alice_client: Client
) -> None:
    make_vault(alice)
    Vault.objects.update(public_key=make_key_pair().public)
    locks = list(KeySlot.objects.order_by("pk").values())
    again = {"new_passphrase": NEXT_PASSPHRASE, "again": NEXT_PASSPHRASE, "code": format_recovery_code(CODE)}
    answer = alice_client.post(f"/vault/{page}", {"passphrase": PASSPHRASE, **again})
    assert (answer.status_code, errors_of(answer)) == (409, [str(KeyAltered.detail)])
    assert list(KeySlot.objects.order_by("pk").values()) == locks, "no try was counted"


def test_new_locks_are_not_kept_for_a_swapped_public_key(alice: User, alice_client: Client) -> None:
    make_vault(alice)
    alice_client.post("/vault/recover/", {"code": format_recovery_code(CODE), **NEW})
    typed = typed_back(shown_code(alice_client))
    Vault.objects.update(public_key=make_key_pair().public)
    assert str(KeyAltered.detail) in text_of(alice_client.post("/vault/code/check/", typed, follow=True))
    assert not is_open(alice_client)
    Vault.objects.all().delete()
    assert alice_client.get("/vault/").headers["Location"] == "/vault/new/", "the draft is gone"


def test_nothing_is_sealed_to_a_swapped_public_key_and_the_person_hears_of_it(
    alice: User, alice_client: Client
) -> None:
    make_vault(alice)
    Vault.objects.update(public_key=make_key_pair().public)
    page = alice_client.post("/today/", {"act": "checkin", "pleasantness": "0", "energy": "0"})
    assert str(KeyAltered.detail) in text_of(page)
    use = {"use": str(uuid4()), "trigger": "manual", "ended": "discarded"}
    for url, body in (("camera-uses/", use), ("checkins/", {"pleasantness": 0, "energy": 0}), ("checkins/skip/", {})):
        answer = alice_client.post(f"/api/v1/{url}", body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (409, "key_altered")
    assert not Entry.objects.exists()


def test_erasing_asks_for_the_words(alice: User, alice_client: Client) -> None:
    hold_open_in(alice_client, alice, make_vault(alice))
    assert errors_of(alice_client.post("/vault/erase/", {"confirmation": "yes"})) == [
        "Nothing was erased: the words are not the same."
    ]
    assert Vault.objects.count() == 1
    response = alice_client.post("/vault/erase/", {"confirmation": " Erase everything ", "secret": CODE_TEXT})
    assert response.headers["Location"] == "/vault/new/"
    assert (Vault.objects.count(), KeySlot.objects.count(), ErasureKey.objects.count()) == (0, 0, 0)
    assert alice_client.cookies["vaultkey"].value == ""


@pytest.mark.parametrize("page", PAGES)
def test_a_superuser_meets_their_own_vault_or_none(page: str, alice: User, root: User, root_client: Client) -> None:
    opened, code = create_vault(user=alice, passphrase=PASSPHRASE)
    before = [list(model.objects.values()) for model in (Vault, KeySlot, ErasureKey)]
    secrets = (str(opened.vault_id), code, PASSPHRASE, alice.email)
    for user_has_vault in (False, True):
        if user_has_vault:
            hold_open_in(root_client, root, make_vault(root))
        for response in _ask(root_client, page):
            assert not [secret for secret in secrets if secret in text_of(response)]
            assert response.wsgi_request.opened_vault is None or (  # type: ignore[attr-defined]
                response.wsgi_request.opened_vault.vault_id != opened.vault_id  # type: ignore[attr-defined]
            )
    after = [list(model.objects.filter(**{key: opened.vault_id}).values()) for model, key in _OWNED]
    assert after == before


_OWNED = ((Vault, "pk"), (KeySlot, "vault_id"), (ErasureKey, "vault_id"))


def _ask(client: Client, page: str) -> Iterator[ClientResponse]:
    yield client.get(f"/vault/{page}")
    yield client.post(f"/vault/{page}", {"passphrase": PASSPHRASE, **NEW, "confirmation": "no"})


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_is_asked_to_sign_in(page: str, client: Client) -> None:
    for response in (client.get(f"/vault/{page}"), client.post(f"/vault/{page}")):
        assert response.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("page", [page for page in PAGES if page])
def test_no_page_acts_without_a_csrf_token(page: str, alice: User) -> None:
    make_vault(alice)
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(f"/vault/{page}", NEW).status_code == 403


@pytest.mark.parametrize("page", ["", "new/", "code/", "code/check/", "open/", "passphrase/", "recover/", "erase/"])
def test_no_page_is_kept_in_a_cache(page: str, alice: User, alice_client: Client) -> None:
    if page != "new/":
        make_vault(alice)
    assert "no-store" in alice_client.get(f"/vault/{page}").headers["Cache-Control"]


@pytest.fixture
def error_mails(settings: Settings) -> Iterator[None]:
    """Error mails in their most talkative form."""
    settings.ADMINS = [("Root", "root@example.org")]
    handler = AdminEmailHandler(include_html=True)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)


@pytest.mark.usefixtures("error_mails")
@pytest.mark.parametrize(
    ("page", "broken"),
    [
        ("new/", "vault.services.lifecycle.lock_with_argon2"),
        ("open/", "vault.services.key_slots.open_key_slot"),
        ("passphrase/", "vault.services.key_slots.open_key_slot"),
        ("recover/", "vault.services.lifecycle.lock_with_argon2"),
    ],
)
def test_an_error_report_carries_no_secret(
    page: str, broken: str, alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    opened = None if page == "new/" else make_vault(alice)

    def fail(*secrets: object, **more: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(broken, fail)
    alice_client.cookies["vaultkey"] = "half-of-the-session-key"
    alice_client.raise_request_exception = False
    code = format_recovery_code(CODE)
    response = alice_client.post(f"/vault/{page}", {**NEW, "passphrase": NEXT_PASSPHRASE, "code": code})
    assert response.status_code == 500
    mails = [message.body + str(getattr(message, "alternatives", "")) for message in mail.outbox]
    assert mails
    assert all(f"RuntimeError at /vault/{page}" in text for text in mails)
    report = "".join(mails) + text_of(response) + caplog.text
    secrets = [PASSPHRASE, NEXT_PASSPHRASE, code, "half-of-the-session-key", repr(CODE)]
    secrets += [repr(opened.private), str(opened.private)] if opened else []
    assert [secret for secret in secrets if secret in report] == []


@pytest.mark.parametrize("page", ["passphrase/", "recover/", "renew/", "erase/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_changes_or_ends_a_vault_asks_who_is_there(page: str, method: str, alice: User, client: Client) -> None:
    sign_in(client, alice, seconds_ago=3600)
    hold_open_in(client, alice, make_vault(alice))
    answer = getattr(client, method)(f"/vault/{page}", {"confirmation": "erase everything"})
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/reauthenticate/")
    assert Vault.objects.filter(user=alice).exists()


@pytest.mark.parametrize(
    "page", ["new/", "code/", "code/check/", "open/", "passphrase/", "recover/", "renew/", "erase/"]
)
def test_pages_with_secrets_are_read_and_sent_and_kept_by_no_cache(
    page: str, alice: User, alice_client: Client
) -> None:
    answer = alice_client.get(f"/vault/{page}")
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private, no-transform"
    refused = alice_client.put(f"/vault/{page}")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD, POST")


def test_the_two_groups_asked_back_are_always_the_same_two() -> None:
    pairs = set()
    for _ in range(300):
        code = make_recovery_code()
        low, high = asked_places(code)
        assert 1 <= low < high <= 13
        assert asked_places(code) == (low, high)
        pairs.add((low, high))
    assert len(pairs) > 50
