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


@pytest.mark.parametrize(
    ("passphrase", "reason"),
    [
        ("ich liebe dich", "common words or names"),
        ("ich liebe dich sehr", "common words or names"),
        ("hundekatze99!", "common words or names"),
        ("Bayern-Muenchen1", "common words or names"),
        ("bayern münchen", "common words or names"),
        ("Sommer2024!x", "common words or names"),
        ("mondayblues77", "what many people have chosen"),
        ("alice1987berlin", "your address"),
        ("Wellbeing2026!", "names of this site"),
        ("example mood acme", "names of this site"),
        ("qwertzuiop", "what many people have chosen"),
        ("correct horse battery", "common words or names"),
        ("ghjatccbjyfk", "what many people have chosen"),
        ("x7Kq9mPz", "too short"),
        ("", ""),
    ],
)
def test_what_offline_guessing_reaches_is_refused_with_the_reason(passphrase: str, reason: str) -> None:
    about = ["alice@example.org", "wellbeing", "mood.example.org", "Acme GmbH"]
    strength = judge_passphrase(passphrase, about=about)
    assert strength.guesses < 10**12
    assert reason in strength.advice


def test_what_is_among_the_breached_ones_is_found_though_it_looks_random() -> None:
    assert not judge_passphrase("aksjdlasdakj89879").is_enough
    assert judge_passphrase("aksjdlasdakj89870xz").is_enough


def test_one_persons_address_weighs_on_nobody_elses_passphrase() -> None:
    own = judge_passphrase("zofia brzezinska", about=["zofia.brzezinska@example.org"]).guesses
    assert judge_passphrase("zofia brzezinska").guesses > own


def test_parts_of_ones_own_address_are_easily_guessed() -> None:
    passphrase = "brzezinska zofia"
    assert judge_passphrase(passphrase, about=[EMAIL]).is_enough
    assert not judge_passphrase(passphrase, about=["zofia.brzezinska@example.org"]).is_enough


def test_blanks_between_words_do_not_make_them_stronger() -> None:
    assert judge_passphrase("alice smith", about=[EMAIL]) == judge_passphrase("alicesmith", about=[EMAIL])


def test_an_offered_passphrase_is_six_words_that_differ_each_time() -> None:
    offers = {suggest_passphrase() for _ in range(5)}
    assert len(offers) == 5
    assert {len(offer.split()) for offer in offers} == {6}
    assert all(judge_passphrase(offer).guesses > 10**17 for offer in offers)
