import pytest

from tests.vault.crypto.people import ALICE, extend_private_key, flip, join_private_key, split_private_key
from vault.crypto.errors import SessionClosed, SessionExpired
from vault.crypto.session_halves import expires_at, make_cookie_half, open_for_session

HALF, STORED = split_private_key(ALICE.private, user_id="7", session_id="abc", expires=1000)


def join(
    half: str = HALF, stored: bytes = STORED, *, user_id: str = "7", session_id: str = "abc", now: float = 999.9
) -> bytes:
    return join_private_key(half, stored, user_id=user_id, session_id=session_id, now=now)


def test_the_two_halves_give_the_key() -> None:
    assert join() == ALICE.private
    assert expires_at(STORED) == 1000


def test_the_row_alone_shows_nothing_of_the_key() -> None:
    assert not any(ALICE.private[at : at + 4] in STORED for at in range(29))


def test_its_time_over_it_is_expired() -> None:
    with pytest.raises(SessionExpired):
        join(now=1000)


def test_extended_it_opens_with_the_same_cookie_for_longer() -> None:
    longer = extend_private_key(ALICE.private, HALF, user_id="7", session_id="abc", expires=2000)
    assert join(stored=longer, now=1999) == ALICE.private
    assert join() == ALICE.private


@pytest.mark.parametrize(
    "half",
    ["", "x", "é", HALF[:-2], make_cookie_half(), HALF + "AAAA"],
    ids=["empty", "a letter", "not ascii", "cut short", "of another", "too long"],
)
def test_another_cookie_opens_nothing(half: str) -> None:
    with pytest.raises(SessionClosed):
        join(half)


def test_another_person_or_session_opens_nothing() -> None:
    with pytest.raises(SessionClosed):
        join(user_id="8")
    with pytest.raises(SessionClosed):
        join(session_id="abd")


def test_another_purpose_opens_nothing() -> None:
    with pytest.raises(SessionClosed):
        open_for_session(HALF, STORED, purpose="draft", user_id="7", session_id="abc", now=0)


def test_every_flipped_bit_closes_it_even_in_the_expiry() -> None:
    for bit in range(8 * len(STORED)):
        with pytest.raises(SessionClosed):
            join(stored=flip(STORED, bit))


@pytest.mark.parametrize("size", [0, 1, 53, 54])
def test_cut_short_it_is_closed(size: int) -> None:
    with pytest.raises(SessionClosed):
        join(stored=STORED[:size])


def test_the_expiry_is_all_of_its_eight_bytes() -> None:
    far = 2**56 + 1000
    half, stored = split_private_key(ALICE.private, user_id="7", session_id="abc", expires=far)
    assert expires_at(stored) == far
    assert join(half, stored, now=2000) == ALICE.private
