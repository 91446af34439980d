"""Second factors: set up, asked for, required of administrators, and sealed at rest."""

import re
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.conftest import PASSWORD, sign_in
from tests.second_factors import SEED, code_of
from vault.crypto.errors import Damaged
from vault.crypto.keys.loader import server_keys
from vault.crypto.second_factors import open_seed, seal_seed

pytestmark = pytest.mark.django_db


def set_up_app(client: Client) -> str:
    """Through the pages, as somebody with an authenticator app does; returns the seed."""
    confirm(client)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    seed = re.search(r'<code class="breakable">([A-Z2-7]+)</code>', page)
    assert seed
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(seed[1], time.time())})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    return seed[1]


def confirm(client: Client) -> None:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def log_in(client: Client, user: User) -> Any:
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def test_after_setting_up_an_app_the_password_alone_does_not_sign_in(alice: User, alice_client: Client) -> None:
    seed = set_up_app(alice_client)
    client = Client()
    assert log_in(client, alice)["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": code_of(seed, time.time() + 30)})
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_a_code_counts_once(alice: User, alice_client: Client) -> None:
    seed = set_up_app(alice_client)
    code = code_of(seed, time.time() + 30)
    for expected in (True, False):
        client = Client()
        log_in(client, alice)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert ("_auth_user_id" in client.session) is expected


def test_codes_on_paper_are_shown_once_and_sign_in_once(alice: User, alice_client: Client) -> None:
    set_up_app(alice_client)
    shown = re.findall(
        r"<li><code>(\w+)</code></li>", alice_client.get("/accounts/2fa/recovery-codes/").content.decode()
    )
    assert len(shown) == 10
    assert shown[0] not in alice_client.get("/accounts/2fa/recovery-codes/").content.decode()
    for expected in (True, False):
        client = Client()
        log_in(client, alice)
        client.post(reverse("mfa_authenticate"), {"code": shown[0]})
        assert ("_auth_user_id" in client.session) is expected


def test_guessing_codes_is_slowed_down(alice: User, alice_client: Client) -> None:
    set_up_app(alice_client)
    client = Client()
    log_in(client, alice)
    answers = [client.post(reverse("mfa_authenticate"), {"code": f"{n:06}"}).content.decode() for n in range(12)]
    assert "Too many failed login attempts" in answers[-1]


def test_the_database_holds_no_seed(alice: User, alice_client: Client) -> None:
    seed = set_up_app(alice_client)
    rows = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert seed not in rows
    assert seed not in str(list(alice.sessions.values_list("session_data", flat=True)))


def test_a_seed_opens_with_any_key_that_is_kept_and_with_no_other() -> None:
    old, new = b"o" * 32, b"n" * 32
    sealed = seal_seed("JBSWY3DP", [old])
    assert open_seed(sealed, [new, old]) == "JBSWY3DP"
    for broken in (sealed[:-8], "?" + sealed, sealed.swapcase(), "", "é"):
        with pytest.raises(Damaged):
            open_seed(broken, [new, old])
    with pytest.raises(Damaged):
        open_seed(sealed, [new])
    assert open_seed(seal_seed("x", server_keys().accounts), server_keys().accounts) == "x"


def damage(user: User, type: Authenticator.Type, name: str) -> Authenticator:  # noqa: A002 -- allauth's name
    """As if the key that sealed this person's `name` were gone."""
    row = Authenticator.objects.get(user=user, type=type)
    row.data[name] = seal_seed("JBSWY3DP", [b"l" * 32])
    row.save()
    return row


def test_an_app_whose_seed_no_key_opens_has_only_wrong_codes_and_codes_on_paper_go_on(
    alice: User, alice_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    seed = set_up_app(alice_client)
    codes = re.findall(
        r"<li><code>(\w+)</code></li>", alice_client.get("/accounts/2fa/recovery-codes/").content.decode()
    )
    row = damage(alice, Authenticator.Type.TOTP, "secret")
    client = Client()
    log_in(client, alice)
    for known in (seed, "JBSWY3DP"):
        page = client.post(reverse("mfa_authenticate"), {"code": code_of(known, time.time() + 30)})
        assert page.context["form"].errors["code"] == ["Incorrect code."]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"second factor {row.pk} does not open: sealed under a key that is gone"
    ] * 2
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_codes_on_paper_that_no_key_opens_can_be_made_anew(alice: User, alice_client: Client) -> None:
    set_up_app(alice_client)
    damage(alice, Authenticator.Type.RECOVERY_CODES, "seed")
    assert alice_client.get(reverse("mfa_index")).status_code == 200
    assert alice_client.get(reverse("mfa_generate_recovery_codes")).status_code == 200
    alice_client.post(reverse("mfa_generate_recovery_codes"))
    row = Authenticator.objects.get(user=alice, type=Authenticator.Type.RECOVERY_CODES)
    assert len(open_seed(row.data["seed"], server_keys().accounts)) == 80


@pytest.mark.parametrize("address", ["/admin/", "/admin/accounts/user/", "/admin/recommender/activity/add/"])
def test_administrators_without_a_second_factor_are_sent_to_set_one_up(address: str, db: None) -> None:
    user = User.objects.create_superuser("new-root@example.org", PASSWORD)
    client = Client()
    sign_in(client, user)
    for method in ("get", "post"):
        assert getattr(client, method)(address)["Location"] == reverse("mfa_index")
    assert "Administration needs a second step" in client.get(reverse("mfa_index")).content.decode()
    set_up_app(client)
    assert client.get(address).status_code == 200


def test_codes_on_paper_alone_are_no_second_factor(db: None) -> None:
    user = User.objects.create_superuser("new-root@example.org", PASSWORD)
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    client = Client()
    sign_in(client, user)
    assert client.get("/admin/")["Location"] == reverse("mfa_index")


def test_setting_one_up_asks_who_is_there(alice: User, client: Client) -> None:
    sign_in(client, alice, seconds_ago=3600)
    for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        assert client.get(reverse(name))["Location"].startswith(reverse("account_reauthenticate"))


def test_who_has_just_signed_in_is_not_asked_again(alice: User, client: Client) -> None:
    log_in(client, alice)
    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        assert client.get(reverse(name)).status_code == 200
    client.post(reverse("account_email"), {"action_add": "", "email": "alice.private@example.org"})
    assert EmailAddress.objects.filter(user=alice, email="alice.private@example.org").exists()


def test_who_signed_in_eleven_minutes_ago_is_asked(alice: User, client: Client) -> None:
    log_in(client, alice)
    session = client.session
    (record,) = session["account_authentication_methods"]
    session["account_authentication_methods"] = [record | {"at": record["at"] - 11 * 60}]
    session.save()
    assert client.get(reverse("mfa_activate_totp"))["Location"].startswith(reverse("account_reauthenticate"))


def test_nothing_that_was_posted_is_kept_while_it_is_asked_who_is_there(alice: User, client: Client) -> None:
    sign_in(client, alice, seconds_ago=3600)
    client.post(reverse("mfa_activate_totp"), {"code": "marmalade-7731"})
    assert "marmalade-7731" not in str(dict(client.session))


def test_the_seed_here_is_one_apps_accept() -> None:
    assert re.fullmatch(r"[A-Z2-7]{32}", SEED)
    # RFC 6238, appendix B: the seed is "12345678901234567890", at 59 seconds, last six of eight digits.
    assert code_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59) == "287082"


def test_who_lost_everything_is_let_in_again_by_the_operator(alice: User, alice_client: Client) -> None:
    set_up_app(alice_client)
    call_command("reset_second_factor", "ALICE@example.org")
    client = Client()
    assert log_in(client, alice)["Location"] == "/today/"
    with pytest.raises(CommandError, match="no account with the address nobody"):
        call_command("reset_second_factor", "nobody@example.org")
