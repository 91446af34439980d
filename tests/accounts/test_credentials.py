"""A right withdrawn takes every credential with it: each event ends each thing that speaks for a person by itself."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts.allauth_internals import TOTP
from accounts.choices import Event
from accounts.credentials import end_credentials
from accounts.models import ApiToken, Session, User
from accounts.notices import report
from accounts.tokens import get_token, make_token
from tests.conftest import PASSWORD, sign_in
from tests.second_factors import SEED, code_of
from tests.vault.test_views import typed_back
from tests.vaults import hold_open_in
from vault.models import KeySlot, Vault
from vault.services.lifecycle import create_vault

pytestmark = pytest.mark.django_db

PASSPHRASE, NEXT = "quilted otter drums vivid canyon", "mellow anchor tulip frosty gecko"
NEW_PASSWORD = "quite another staple"


@dataclass
class Given:
    """What was given out before the event, each of it shown to work. `here` is the browser the event happens in."""

    alice: User
    root: Client
    here: Client = field(default_factory=Client)
    elsewhere: Client = field(default_factory=Client)
    half_way: Client = field(default_factory=Client)
    stranger: Client = field(default_factory=Client)
    code: str = ""
    token: str = ""
    reset_link: str = ""
    reset_form: str = ""
    confirmation: str = ""

    def has_session(self) -> bool:
        return self.elsewhere.get("/you/devices/").status_code == 200

    def has_open_vault(self) -> bool:
        return self.elsewhere.get("/api/v1/journal/entries/").status_code == 200

    def has_token(self) -> bool:
        answer = Client().get("/api/v1/settings/", headers={"Authorization": f"Token {self.token}"})
        assert answer.status_code in (200, 401)
        return answer.status_code == 200

    def has_reset_link(self) -> bool:
        return "token_fail" not in Client().get(self.reset_link, follow=True).context

    def has_reset_form(self) -> bool:
        """A link that was followed before, with the form still open."""
        return "token_fail" not in self.stranger.get(self.reset_form).context

    def has_confirmation(self) -> bool:
        return Client().get(self.confirmation).context["confirmation"] is not None

    def has_half_sign_in(self) -> bool:
        """The password was right, and the second step was still to come."""
        self.half_way.post("/accounts/2fa/authenticate/", {"code": code_of(SEED, time.time())})
        return "_auth_user_id" in self.half_way.session

    def has_proof(self) -> bool:
        """This browser just proved who uses it."""
        return self.here.get("/you/leave/").status_code == 200


CREDENTIALS: dict[str, Callable[[Given], bool]] = {
    "a session": Given.has_session,
    "an open vault": Given.has_open_vault,
    "an API token": Given.has_token,
    "a link to reset the password": Given.has_reset_link,
    "a form to reset the password": Given.has_reset_form,
    "a link to confirm an address": Given.has_confirmation,
    "half a sign-in": Given.has_half_sign_in,
    "a fresh proof": Given.has_proof,
}


def ask_for_reset(user: User) -> str:
    Client().post("/accounts/password/reset/", {"email": user.email})
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link
    return link[1]


def give_everything(alice: User, root: Client) -> Given:
    """Alice with a vault, a second step, the organisation's sign-in, two addresses and one that is not confirmed."""
    opened, code = create_vault(user=alice, passphrase=PASSPHRASE)
    TOTP.activate(alice, SEED)
    SocialAccount.objects.create(user=alice, provider="work", uid="alice-at-work")
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    EmailAddress.objects.create(user=alice, email="alice@home.example", verified=True)
    waiting = EmailAddress.objects.create(user=alice, email="alice@club.example")
    given = Given(alice, root, code=code, token=make_token(alice, ApiToken.Scope.READ))
    for client in (given.here, given.elsewhere):
        sign_in(client, alice)
        hold_open_in(client, alice, opened)
    given.half_way.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    given.reset_link = ask_for_reset(alice)
    given.reset_form = given.stranger.get(given.reset_link)["Location"]
    given.confirmation = f"/accounts/confirm-email/{EmailConfirmationHMAC(waiting).key}/"
    return given


@pytest.fixture
def given(alice: User, root_client: Client, settings: Any) -> Given:
    app = {"provider_id": "work", "name": "Example Ltd", "client_id": "wellbeing"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    return give_everything(alice, root_client)


def close_account(given: Given) -> None:
    given.root.post(f"/admin/accounts/user/{given.alice.pk}/change/", {"email": given.alice.email})
    # What is left of it shows when it is opened again.
    given.root.post(f"/admin/accounts/user/{given.alice.pk}/change/", {"email": given.alice.email, "is_active": "on"})


def change_password(given: Given) -> None:
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    given.here.post("/accounts/password/change/", form)


def set_password(given: Given) -> None:
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    given.root.post(f"/admin/accounts/user/{given.alice.pk}/password/", form)


def reset_password(given: Given) -> None:
    link, client = ask_for_reset(given.alice), Client()
    client.post(client.get(link)["Location"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})


def change_address(given: Given) -> None:
    given.here.post("/accounts/email/", {"action_primary": "", "email": "alice@home.example"})


def remove_address(given: Given) -> None:
    given.here.post("/accounts/email/", {"action_remove": "", "email": "alice@home.example"})


def correct_address(given: Given) -> None:
    form = {"email": "alice.new@example.org", "is_active": "on"}
    given.root.post(f"/admin/accounts/user/{given.alice.pk}/change/", form)


def remove_second_factor(given: Given) -> None:
    given.here.post("/accounts/2fa/totp/deactivate/")


def reset_second_factor(given: Given) -> None:
    call_command("reset_second_factor", given.alice.email)


def disconnect_sign_in(given: Given) -> None:
    account = SocialAccount.objects.get(user=given.alice)
    given.here.post("/accounts/3rdparty/", {"account": str(account.pk)})


def change_passphrase(given: Given) -> None:
    form = {"passphrase": PASSPHRASE, "new_passphrase": NEXT, "again": NEXT}
    given.here.post("/vault/passphrase/", form)


def type_code_back(given: Given) -> None:
    code = given.here.get("/vault/code/").context["draft"].recovery_code
    given.here.post("/vault/code/check/", typed_back(code))


def recover(given: Given) -> None:
    form = {"code": given.code, "new_passphrase": NEXT, "again": NEXT}
    given.here.post("/vault/recover/", form)
    type_code_back(given)


def renew(given: Given) -> None:
    form = {"passphrase": PASSPHRASE, "new_passphrase": NEXT, "again": NEXT}
    given.here.post("/vault/renew/", form)
    type_code_back(given)


def remove_passkey(given: Given) -> None:
    vault = Vault.objects.get(user=given.alice)
    KeySlot.objects.create(vault=vault, slot=KeySlot.Slot.PASSKEY, credential="abc", sealed=b"lock")
    given.here.post("/vault/passkey/remove/", {"credential": "abc"})


EVENTS: dict[str, Callable[[Given], None]] = {
    "account closed": close_account,
    "password changed": change_password,
    "password set by an administrator": set_password,
    "password reset": reset_password,
    "address changed": change_address,
    "address removed": remove_address,
    "address corrected by an administrator": correct_address,
    "second factor removed": remove_second_factor,
    "second factor reset": reset_second_factor,
    "organisation's sign-in disconnected": disconnect_sign_in,
    "passphrase changed": change_passphrase,
    "recovery code used": recover,
    "vault renewed": renew,
    "passkey taken off the vault": remove_passkey,
    "vault erased": lambda given: report(given.alice, Event.VAULT_ERASED),
}
#: These happen in a browser in which the person is signed in, and stays so.
AT_HOME = (
    "password changed",
    "address changed",
    "address removed",
    "second factor removed",
    "organisation's sign-in disconnected",
    "passphrase changed",
    "recovery code used",
    "vault renewed",
    "passkey taken off the vault",
)


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_it_works_until_something_happens(given: Given, credential: str) -> None:
    assert CREDENTIALS[credential](given)


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize("event", EVENTS)
def test_an_event_ends_a_credential(given: Given, event: str, credential: str) -> None:
    EVENTS[event](given)
    assert not CREDENTIALS[credential](given)


@pytest.mark.parametrize("event", AT_HOME)
def test_the_browser_in_which_it_happens_stays_signed_in(given: Given, event: str) -> None:
    EVENTS[event](given)
    assert given.here.get("/you/devices/").status_code == 200
    assert Session.objects.filter(user=given.alice).count() == 1


@pytest.mark.parametrize(
    "event", ["passphrase changed", "recovery code used", "vault renewed", "passkey taken off the vault"]
)
def test_the_vault_stays_open_where_its_lock_was_changed(given: Given, event: str) -> None:
    EVENTS[event](given)
    assert given.here.get("/api/v1/journal/entries/").status_code == 200


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_leaves_what_others_were_given(given: Given, event: str, bob: User) -> None:
    token, client = make_token(bob, ApiToken.Scope.READ), Client()
    sign_in(client, bob)
    EVENTS[event](given)
    assert client.get("/you/leave/").status_code == 200
    assert Client().get("/api/v1/settings/", headers={"Authorization": f"Token {token}"}).status_code == 200


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_told_by_mail(given: Given, event: str, django_capture_on_commit_callbacks: Any) -> None:
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        EVENTS[event](given)
    notices = [sent for sent in mail.outbox if sent.subject.startswith("Your Wellbeing account:")]
    assert "alice@home.example" in {address for sent in notices for address in sent.to}


def test_a_token_from_before_a_vault_was_made_ends_and_the_sign_in_goes_on(alice: User) -> None:
    make_token(alice, ApiToken.Scope.CHECK_IN)
    client = Client()
    sign_in(client, alice)
    client.post("/vault/new/", {"new_passphrase": NEXT, "again": NEXT})
    given = Given(alice, Client(), here=client)
    type_code_back(given)
    assert get_token(alice) is None
    assert given.has_proof()


def test_an_address_that_waits_for_its_first_confirmation_stays_with_another_link(alice: User) -> None:
    """Or nobody could ever confirm it."""
    address = EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    link = EmailConfirmationHMAC(address).key
    end_credentials(alice)
    assert EmailConfirmationHMAC.from_key(link) is None
    (left,) = EmailAddress.objects.filter(user=alice)
    assert (left.email, left.primary, left.verified) == (alice.email, True, False)
    found = EmailConfirmationHMAC.from_key(EmailConfirmationHMAC(left).key)
    assert found is not None


def test_a_password_changed_by_any_other_way_ends_sessions_and_the_token(given: Given) -> None:
    given.alice.set_password(NEW_PASSWORD)
    given.alice.save()
    assert not given.has_session()
    assert not given.has_token()
    assert not given.has_reset_link()
    assert not given.has_half_sign_in()
    assert get_token(given.alice) is None
