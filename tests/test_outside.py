"""What a proxy's log, the network and the rows of the database show of a day: nothing of its person's mood."""

from http import HTTPStatus

import pytest
from django.test import Client

from accounts.models import User
from recommender.catalogue.services.catalogue import load_catalogue
from recommender.dashboard.acts import ACTS
from tests.entries import of_face, suggestion
from tests.outside import ORIGIN, Visitor, browser_of, make_person, spend_a_day
from tests.private import Private, read
from tests.vaults import hold_open_in
from vault.journal.entries import OpenedVault, append_entry
from vault.models import Vault

pytestmark = pytest.mark.django_db

KIB = 1024


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_a_calm_and_a_low_month_leave_the_same_lines_and_sizes(has_script: bool) -> None:
    load_catalogue()
    logs = {}
    for seed in range(4):
        for low in (False, True):
            visitor = Visitor.of(*make_person(f"{seed}-{low}", low=low, seed=seed), has_script=has_script)
            spend_a_day(visitor, is_asked=low)
            logs[seed, low] = visitor.lines
    assert len(logs[0, False]) > 40
    assert {key: log for key, log in logs.items() if log != logs[0, False]} == {}


def test_no_line_of_a_day_names_what_was_done_or_read() -> None:
    load_catalogue()
    visitor = Visitor.of(*make_person("robin", low=True, seed=7), has_script=False)
    spend_a_day(visitor, is_asked=True)
    requests = [line.split() for line in visitor.lines]
    asked = {(method.strip('"'), path.partition("?")[0]) for method, path, *_ in requests}
    assert {(method, path) for method, path in asked if not path.startswith("/static/")} == {
        ("GET", "/today/"), ("POST", "/today/"), ("GET", "/activities/"),
        ("GET", "/journal/"), ("GET", "/journal/year/"),
    }  # fmt: skip
    assert {referer for *_, referer in requests} == {'"-"', f'"{ORIGIN}/"'}


@pytest.fixture
def robin() -> tuple[User, OpenedVault]:
    load_catalogue()
    return make_person("robin", low=True, seed=7)


def _said(opened: OpenedVault) -> dict[str, dict[str, str]]:
    """Something to send for every act there is."""
    vault = Vault.objects.get(pk=opened.vault_id)
    face, other, offer = (
        str(append_entry(vault=vault, entry=entry, at=vault.user.date_joined))
        for entry in (of_face("fear"), of_face("fear"), suggestion("walk"))
    )
    return {
        "checkin": {"pleasantness": "-1", "energy": "-1", "words": "down", "note": "A bad day."},
        "skip": {},
        "moment": {"place": "desk", "minutes": "5"},
        "taste": {"likes": "rest", "company": "alone"},
        "gentler": {"said": "yes"},
        "keep_camera": {},
        "trends": {"said": "no"},
        "choose": {"slug": "desk-plant"},
        "answer": {"suggestion": offer, "answer": "did", "helped": "-2"},
        "correct": {"entry": face, "expression": "sadness"},
        "delete": {"entry": other},
    }


def test_every_act_is_answered_alike_and_leaves_the_session_as_it_was(robin: tuple[User, OpenedVault]) -> None:
    user, opened = robin
    client, said, answers = browser_of(user, opened), _said(opened), set()
    assert said.keys() == ACTS.keys()
    client.get("/today/")
    row = dict(client.session.items())
    for act, sent in said.items():
        response = client.post("/today/", {"act": act} | sent)
        told = len(response.cookies["messages"].value)
        answers.add((response.status_code, response["Location"], told, response.content))
        assert dict(client.session.items()) == row
        client.get("/today/")
    assert len(answers) == 1
    assert next(iter(answers))[:2] == (HTTPStatus.FOUND, "/today/")


@pytest.mark.parametrize("sent", [{"act": "checkin"}, {"act": "answer"}, {"act": "dance"}, {}])
def test_what_cannot_be_done_is_told_in_the_answer_and_kept_nowhere(
    robin: tuple[User, OpenedVault], sent: dict[str, str]
) -> None:
    client = browser_of(*robin)
    client.get("/today/")
    row = dict(client.session.items())
    response = client.post("/today/", sent)
    assert (response.status_code, response.content.decode().count('role="alert"')) == (200, 1)
    assert response.cookies["messages"].value == ""
    assert dict(client.session.items()) == row


def test_every_private_answer_comes_in_a_few_sizes(alice: User, robin: tuple[User, OpenedVault]) -> None:
    private = Private(alice)
    client, steps = browser_of(alice, private.opened), {"text/html": 64 * KIB, "application/json": 8 * KIB}
    seen, wrong = set(), []
    for address in private.addresses():
        if "logout" in address:
            continue
        response = client.get(address)
        kind, size = response.headers.get("Content-Type", "").partition(";")[0], len(read(response).encode())
        if kind in steps and "Content-Disposition" not in response.headers:
            seen.add((kind, response.status_code, size))
            declared = int(response.headers["Content-Length"])
            wrong += [address] if size % steps[kind] or declared != size else []
            wrong += [address] if size and "no-transform" not in response.headers["Cache-Control"] else []
        hold_open_in(client, alice, private.opened)
    assert wrong == []
    assert {("text/html", 200, 64 * KIB), ("text/html", 404, 64 * KIB), ("application/json", 200, 8 * KIB)} <= seen


def test_white_space_after_its_end_is_all_that_is_added(alice_client: Client) -> None:
    page = alice_client.get("/you/").content
    assert page.rstrip(b" ").endswith(b"</html>\n")
    told = alice_client.get("/api/v1/settings/").content
    assert told.rstrip(b" ") == b'{"ask_first":true}'


def test_nobody_elses_answers_are_padded(client: Client) -> None:
    assert len(client.get("/support/").content) % (8 * KIB)
