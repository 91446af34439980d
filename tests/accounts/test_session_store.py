"""Sessions end by themselves, can be ended from elsewhere, and change their key when somebody signs in."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.browsers import name_browser
from accounts.models import Session, User
from accounts.session_store import live_sessions
from tests.conftest import PASSWORD, sign_in
from tests.vaults import hold_open_in, make_vault

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def log_in(client: Client, user: User) -> None:
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}, HTTP_USER_AGENT=FIREFOX)


def is_in(client: Client) -> bool:
    return client.get("/you/").status_code == 200


def age(client: Client, **past: float) -> None:
    """As if the row had last been touched that long ago."""
    row = Session.objects.get(pk=client.session.session_key)
    ago = timedelta(**past)
    Session.objects.filter(pk=row.pk).update(used_at=row.used_at - ago, expire_date=row.expire_date - ago)


def test_signing_in_changes_the_key_a_stranger_may_have_set(alice: User, client: Client) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key
    assert before is not None
    client.cookies["session"] = before
    log_in(client, alice)
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


def test_signing_up_changes_the_key_too(client: Client) -> None:
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key
    client.post("/accounts/signup/", {"email": "n@example.org", "password1": PASSWORD, "password2": PASSWORD})
    assert is_in(client)
    assert client.session.session_key != before


def test_a_key_that_was_never_given_out_is_not_taken(alice: User, client: Client) -> None:
    client.cookies["session"] = "a" * 32
    log_in(client, alice)
    assert client.session.session_key != "a" * 32


def test_who_is_idle_too_long_is_signed_out(alice: User, client: Client) -> None:
    log_in(client, alice)
    age(client, hours=7.9)
    assert is_in(client)
    age(client, hours=8.1)
    assert not is_in(client)


def test_using_the_site_starts_the_idle_time_anew(alice: User, client: Client) -> None:
    log_in(client, alice)
    age(client, hours=7)
    assert is_in(client)
    row = Session.objects.get(user=alice)
    assert timezone.now() - row.used_at < timedelta(seconds=10)
    assert row.expire_date - timezone.now() > timedelta(hours=7.9)


def test_using_the_site_keeps_nobody_else_signed_in(alice_client: Client, bob: User, bob_client: Client) -> None:
    for client in (alice_client, bob_client):
        age(client, hours=7)
    before = Session.objects.get(user=bob)
    assert is_in(alice_client)
    after = Session.objects.get(user=bob)
    assert (after.used_at, after.expire_date) == (before.used_at, before.expire_date)


def test_open_page_that_asks_for_its_schedule_is_no_use(alice: User, client: Client) -> None:
    log_in(client, alice)
    age(client, hours=7)
    before = Session.objects.get(user=alice).expire_date
    assert client.get("/api/v1/schedule/").status_code == 200
    assert Session.objects.get(user=alice).expire_date == before
    client.post("/api/v1/schedule/pause/", {"until": None}, content_type="application/json")
    assert Session.objects.get(user=alice).expire_date > before


def test_browser_that_is_ahead_of_its_person_is_no_use(alice: User, client: Client) -> None:
    log_in(client, alice)
    age(client, hours=7)
    before = Session.objects.get(user=alice).expire_date
    assert client.get("/today/", headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 200
    assert Session.objects.get(user=alice).expire_date == before


def test_what_a_page_sends_by_itself_keeps_no_administrator_signed_in(root: User, client: Client) -> None:
    sign_in(client, root)
    age(client, minutes=20)
    before = Session.objects.get(user=root).expire_date
    client.post("/api/v1/schedule/pause/", {"until": None}, content_type="application/json")
    assert Session.objects.get(user=root).expire_date == before
    client.get("/you/")
    assert Session.objects.get(user=root).expire_date > before


def test_a_long_day_ends_even_while_used(alice: User, client: Client) -> None:
    log_in(client, alice)
    session = client.session
    session["started"] -= 12 * 3600 - 60
    session.save()
    left = Session.objects.get(user=alice).expire_date - timezone.now()
    assert timedelta(seconds=50) < left < timedelta(seconds=61)
    session["started"] -= 61
    session.save()
    assert not is_in(client)


def test_administrators_are_signed_out_sooner(root: User, client: Client) -> None:
    sign_in(client, root)
    left = Session.objects.get(user=root).expire_date - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)


def test_the_row_names_the_kind_of_browser_and_nothing_finer(alice: User, client: Client) -> None:
    log_in(client, alice)
    row = Session.objects.get(user=alice)
    assert row.browser == "Firefox on Linux"
    assert not [version for version in ("Firefox/145", "rv:145") if version in str(row.get_decoded())]
    assert {field.name for field in Session._meta.fields} == {
        "session_key", "session_data", "expire_date", "user", "browser", "started_at", "used_at",
    }  # fmt: skip


def test_the_page_shows_ones_own_sessions_alone(alice: User, bob_client: Client, client: Client) -> None:
    log_in(client, alice)
    page = client.get("/you/devices/").content.decode()
    assert page.count("Firefox on Linux") == 1
    assert "this one" in page
    keys = Session.objects.values_list("pk", flat=True)
    assert not [key for key in keys if key in page]


def test_expired_sessions_are_not_listed(alice: User, alice_client: Client, client: Client) -> None:
    log_in(client, alice)
    age(alice_client, hours=9)
    assert [row.pk for row in live_sessions(alice)] == [client.session.session_key]


def test_ending_one_session_ends_its_vault_too(alice: User, alice_client: Client, client: Client) -> None:
    hold_open_in(alice_client, alice, make_vault(alice))
    assert alice_client.get("/vault/").wsgi_request.opened_vault is not None  # type: ignore[attr-defined]
    log_in(client, alice)
    page = client.get("/you/devices/").content.decode()
    handle = page.split('name="session" value="')[1].split('"')[0]
    client.post("/you/devices/end/", {"session": handle})
    assert not is_in(alice_client)
    assert is_in(client)
    assert "vault" not in alice_client.session


def test_nobody_ends_the_session_of_another(
    alice: User, alice_client: Client, bob_client: Client, client: Client
) -> None:
    log_in(client, alice)
    handle = client.get("/you/devices/").content.decode().split('name="session" value="')[1].split('"')[0]
    for session in (handle, alice_client.session.session_key, "", "x"):
        bob_client.post("/you/devices/end/", {"session": session})
    bob_client.post("/you/devices/end-others/")
    assert is_in(alice_client)
    assert is_in(client)


def test_all_others_end_at_once(alice: User, alice_client: Client, bob_client: Client, client: Client) -> None:
    log_in(client, alice)
    client.post("/you/devices/end-others/")
    assert (is_in(client), is_in(alice_client), is_in(bob_client)) == (True, False, True)


def test_a_new_password_ends_the_other_sessions(alice: User, alice_client: Client, client: Client) -> None:
    log_in(client, alice)
    new = {"oldpassword": PASSWORD, "password1": "quite another staple", "password2": "quite another staple"}
    client.post("/accounts/password/change/", new)
    assert not is_in(alice_client)


def test_expired_rows_go_when_somebody_signs_in(alice: User, bob: User, client: Client) -> None:
    old = Client()
    log_in(old, bob)
    age(old, hours=9)
    log_in(client, alice)
    assert set(Session.objects.values_list("user", flat=True)) == {alice.pk}


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5", "A browser"),
        ("", "A browser"),
    ],
)
def test_browsers_are_named_roughly(header: str, name: str) -> None:
    assert name_browser(header) == name
