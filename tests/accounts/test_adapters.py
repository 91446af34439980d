"""Signing up, in and out, and a password reset: what they do and what they never do."""

import re
import time
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.conftest import PASSWORD
from tests.second_factors import code_of


@pytest.mark.django_db
def test_an_address_belongs_to_one_account() -> None:
    User.objects.create_user("alice@example.org", PASSWORD)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("alice@example.org", PASSWORD)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["Ada.Admin@Example.org", "ada.admin@example.org"])
def test_an_administrator_made_with_capital_letters_signs_in(
    typed: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    said = StringIO()
    call_command("createsuperuser", interactive=False, email="Ada.Admin@Example.org", verbosity=0, stdout=said)
    assert User.objects.get().email == "ada.admin@example.org"
    client.post(reverse("account_login"), {"login": typed, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    seed = said.getvalue().splitlines()[1]
    client.post(reverse("mfa_authenticate"), {"code": code_of(seed, time.time())})
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    with pytest.raises(CommandError, match="That e-mail address is already taken"):
        call_command("createsuperuser", interactive=False, email="ADA.ADMIN@example.org", verbosity=0)


@pytest.mark.django_db
def test_a_command_that_makes_no_administrator_leaves_the_second_step_of_those_there_are(root: User) -> None:
    before = list(Authenticator.objects.values_list("pk", "user_id"))
    with pytest.raises(CommandError):
        call_command("createsuperuser", interactive=False, email=root.email, verbosity=0)
    call_command("createsuperuser", interactive=True, stdin=StringIO(), stdout=StringIO())
    assert list(Authenticator.objects.values_list("pk", "user_id")) == before


@pytest.mark.django_db
def test_an_account_made_in_the_administration_with_capital_letters_signs_in_and_resets(
    root_client: Client, client: Client
) -> None:
    form = {"email": "Grace@Example.org", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    root_client.post("/admin/accounts/user/add/", form)
    grace = User.objects.get(email="grace@example.org")
    client.post(reverse("account_login"), {"login": "Grace@example.org", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(grace.pk)
    Client().post(reverse("account_reset_password"), {"email": "Grace@Example.org"})
    assert "/accounts/password/reset/key/" in str(mail.outbox[0].body)
    page = root_client.post("/admin/accounts/user/add/", form | {"email": "GRACE@example.org"})
    assert page.context["adminform"].form.errors["email"] == ["User with this E-mail address already exists."]


@pytest.mark.django_db
def test_however_an_account_is_saved_its_address_is_in_small_letters(alice: User) -> None:
    alice.email = "Alice@Example.org"
    alice.save()
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"


@pytest.mark.django_db
def test_the_database_itself_takes_no_second_account_that_differs_in_capital_letters(alice: User, bob: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=bob.pk).update(email="ALICE@example.org")


@pytest.mark.django_db
def test_sign_up_signs_in_and_leads_to_the_dashboard(client: Client) -> None:
    form = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    response = client.post(reverse("account_signup"), form)
    assert (response.status_code, response["Location"]) == (302, "/today/")
    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == ("new@example.org", False, False)
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.django_db
def test_sign_out_ends_the_session(alice_client: Client) -> None:
    assert alice_client.post(reverse("account_logout"))["Location"] == "/"
    assert "_auth_user_id" not in alice_client.session


@pytest.mark.django_db
def test_reset_by_mail_changes_the_password(client: Client, alice: User) -> None:
    client.post(reverse("account_reset_password"), {"email": alice.email})
    link = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[0].body))
    assert link
    form_page = client.get(link[1])["Location"]
    client.post(form_page, {"password1": "quite another staple", "password2": "quite another staple"})
    alice.refresh_from_db()
    assert alice.check_password("quite another staple")


@pytest.mark.django_db
def test_reset_for_an_unknown_address_answers_the_same(client: Client, alice: User) -> None:
    known = client.post(reverse("account_reset_password"), {"email": alice.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


@pytest.mark.django_db
def test_staff_pages_ask_for_a_sign_in_of_the_site(client: Client) -> None:
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
def test_administrators_find_accounts_and_the_catalogue_and_nothing_private(root_client: Client) -> None:
    from django.contrib import admin

    registered = {model._meta.label for model in admin.site._registry}
    names = ("Vault", "KeySlot", "Consent", "Capture", "Entry", "Page", "Manifest", "Schedule")
    private = {f"emotion.{name}" for name in names}
    assert registered & {*private, "keystore.ErasureKey", "accounts.Session", "accounts.ApiToken"} == set()
    assert root_client.get("/admin/").status_code == 200
    assert root_client.get("/admin/accounts/user/").status_code == 200


@pytest.mark.django_db
def test_the_run_uses_the_database_it_was_asked_for() -> None:
    import os

    expected = "postgresql" if "WELLBEING_TEST_DATABASE_URL" in os.environ else "sqlite"
    assert connection.vendor == expected


def correct(root_client: Client, user: User, address: str) -> None:
    """As an administrator does who types another address into the form of the account."""
    answer = root_client.post(f"/admin/accounts/user/{user.pk}/change/", {"email": address, "is_active": "on"})
    assert answer["Location"] == "/admin/accounts/user/"


def addresses_of(user: User) -> list[tuple[str, bool, bool]]:
    return list(EmailAddress.objects.filter(user=user).values_list("email", "primary", "verified"))


@pytest.fixture
def confirmed(alice: User) -> None:
    """With the address she signs in with, and another one."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    EmailAddress.objects.create(user=alice, email="alice.private@example.org", verified=True)


@pytest.mark.usefixtures("confirmed")
def test_an_address_an_administrator_corrects_takes_the_place_of_the_former_ones(
    alice: User, root_client: Client, client: Client
) -> None:
    client.post(reverse("account_reset_password"), {"email": alice.email})
    link = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[0].body))
    assert link
    correct(root_client, alice, "Alice.New@Example.org")
    assert addresses_of(alice) == [("alice.new@example.org", True, False)]
    for former in ("alice@example.org", "alice.private@example.org"):
        client.post(reverse("account_login"), {"login": former, "password": PASSWORD})
        assert "_auth_user_id" not in client.session
        client.post(reverse("account_reset_password"), {"email": former})
        assert "/accounts/password/reset/key/" not in str(mail.outbox[-1].body)
    assert "token_fail" in client.get(link[1]).context
    client.post(reverse("account_login"), {"login": "alice.new@example.org", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(alice.pk)


@pytest.mark.usefixtures("confirmed")
def test_an_address_an_administrator_corrects_leaves_those_of_others(
    alice: User, bob: User, root_client: Client
) -> None:
    EmailAddress.objects.create(user=bob, email=bob.email, primary=True, verified=True)
    correct(root_client, alice, "alice.new@example.org")
    assert addresses_of(bob) == [("bob@example.org", True, True)]


@pytest.mark.usefixtures("confirmed")
def test_a_corrected_address_is_confirmed_before_it_signs_in_where_that_is_asked(
    alice: User, root_client: Client, client: Client, settings: Any
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    correct(root_client, alice, "alice.new@example.org")
    answer = client.post(reverse("account_login"), {"login": "alice.new@example.org", "password": PASSWORD})
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session
    assert [message.to for message in mail.outbox] == [["alice.new@example.org"]]
    link = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[0].body))
    assert link
    client.post(link[1])
    assert addresses_of(alice) == [("alice.new@example.org", True, True)]


@pytest.mark.usefixtures("confirmed")
def test_an_account_an_administrator_saves_with_the_same_address_keeps_its_addresses(
    alice: User, root_client: Client
) -> None:
    before = addresses_of(alice)
    correct(root_client, alice, "Alice@example.org")
    assert addresses_of(alice) == before


UMLAUT, ASCII = "Ann@Exämple.de", "ann@xn--exmple-cua.de"


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "second"), [(UMLAUT, ASCII), (ASCII, UMLAUT)])
def test_both_spellings_of_an_umlaut_domain_are_one_account(first: str, second: str, settings: Any) -> None:
    for address in (first, second):
        form = {"email": address, "password1": PASSWORD, "password2": PASSWORD}
        Client().post(reverse("account_signup"), form)
    ann = User.objects.get()
    assert ann.email == ASCII
    for address in (first, second):
        client = Client()
        client.post(reverse("account_login"), {"login": address, "password": PASSWORD})
        assert client.session["_auth_user_id"] == str(ann.pk)
        client.post(reverse("account_reset_password"), {"email": address})
        assert "/accounts/password/reset/key/" in str(mail.outbox[-1].body)
    assert addresses_of(ann) == [(ASCII, True, False)]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [UMLAUT, ASCII])
def test_an_umlaut_domain_is_confirmed_and_signed_in_with_in_either_spelling(typed: str, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    Client().post(reverse("account_signup"), {"email": UMLAUT, "password1": PASSWORD, "password2": PASSWORD})
    assert mail.outbox[0].to == [ASCII]
    link = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[0].body))
    assert link
    Client().post(link[1])
    client = Client()
    client.post(reverse("account_login"), {"login": typed, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert addresses_of(User.objects.get()) == [(ASCII, True, True)]


@pytest.mark.django_db
def test_a_second_address_is_kept_in_the_same_spelling(alice: User, alice_client: Client, bob: User) -> None:
    alice_client.post(reverse("account_email"), {"email": UMLAUT, "action_add": ""})
    alice_client.post(reverse("account_email"), {"email": ASCII, "action_add": ""})
    assert EmailAddress.objects.filter(email=ASCII).count() == EmailAddress.objects.filter(user=alice).count() - 1 == 1


@pytest.mark.django_db
def test_two_domains_that_look_alike_are_two_accounts() -> None:
    for address in ("ann@straße.de", "ann@strasse.de"):
        Client().post(reverse("account_signup"), {"email": address, "password1": PASSWORD, "password2": PASSWORD})
    assert set(User.objects.values_list("email", flat=True)) == {"ann@xn--strae-oqa.de", "ann@strasse.de"}
