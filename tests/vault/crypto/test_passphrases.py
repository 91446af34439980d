import pytest

from vault.crypto.passphrases import judge_passphrase, suggest_passphrase

EMAIL = "alice.smith@example.org"


@pytest.mark.parametrize("passphrase", ["", " - ", "password", "alice smith", "qwertyuiop", "2024-01-01"])
def test_what_is_easily_guessed_is_not_enough(passphrase: str) -> None:
    strength = judge_passphrase(passphrase, about=[EMAIL])
    assert not strength.is_enough
    assert strength.advice.endswith(".")


@pytest.mark.parametrize("passphrase", ["correct horse battery staple", "ñandú çok güzel gün", "x7!Kq9$mPz2w" * 40])
def test_what_is_hard_to_guess_is_enough(passphrase: str) -> None:
    assert judge_passphrase(passphrase, about=[EMAIL]).is_enough


@pytest.mark.parametrize(("passphrase", "score", "is_enough"), [("otter drums", 2, False), ("tulip gecko", 3, True)])
def test_a_score_of_three_is_the_least_that_is_enough(passphrase: str, score: int, is_enough: bool) -> None:
    strength = judge_passphrase(passphrase)
    assert (strength.score, strength.is_enough) == (score, is_enough)


def test_parts_of_ones_own_address_are_easily_guessed() -> None:
    passphrase = "brzezinska zofia"
    assert judge_passphrase(passphrase, about=[EMAIL]).is_enough
    assert not judge_passphrase(passphrase, about=["zofia.brzezinska@example.org"]).is_enough


def test_blanks_between_words_do_not_make_them_stronger() -> None:
    assert judge_passphrase("alice smith", about=[EMAIL]).score <= judge_passphrase("alicesmith", about=[EMAIL]).score


def test_an_offered_passphrase_is_six_words_that_differ_each_time() -> None:
    offers = {suggest_passphrase() for _ in range(5)}
    assert len(offers) == 5
    assert {len(offer.split()) for offer in offers} == {6}
    assert all(judge_passphrase(offer).score == 4 for offer in offers)
