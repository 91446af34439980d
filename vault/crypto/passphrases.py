"""Strength of passphrases, and suggested ones. The package does not import this module: its dictionaries are large."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zxcvbn import zxcvbn

STRONG_ENOUGH = 3
MAX_LENGTH = 256
# What zxcvbn reads of a long passphrase; its time grows faster than the length.
_READ_LENGTH = 72
_WORD_LIST = Path(__file__).parent / "words" / "eff_large.txt"


@dataclass(frozen=True, slots=True)
class Strength:
    """`score` is zxcvbn's 0 to 4; 3 means more than 10^8 guesses. `advice` is empty when it is strong enough."""

    score: int
    advice: str

    @property
    def is_enough(self) -> bool:
        return self.score >= STRONG_ENOUGH


def judge_passphrase(passphrase: str, *, about: Sequence[str] = ()) -> Strength:
    """`about`: what an attacker knows about the person, such as an e-mail address."""
    known = [part for word in about for part in (word, *word.replace("@", ".").split(".")) if part]
    # zxcvbn counts a blank or dot between two words as brute-force work, so the joined words are judged too.
    forms = {passphrase.strip(), "".join(filter(str.isalnum, passphrase))} - {""}
    results = [zxcvbn(form[:_READ_LENGTH], user_inputs=known) for form in forms]
    if not results:
        return Strength(0, "Use a few words.")
    result = min(results, key=lambda result: result["guesses"])
    score = int(result["score"])
    if score >= STRONG_ENOUGH:
        return Strength(score, "")
    feedback = result["feedback"]
    advice = [feedback["warning"], *feedback["suggestions"]]
    return Strength(score, " ".join(f"{line.rstrip('.')}." for line in advice if line))


def suggest_passphrase(words: int = 6) -> str:
    """Random words of 12.9 bits each: six resist offline guessing even by a person who has every server secret."""
    return " ".join(secrets.choice(_words()) for _ in range(words))


@cache
def _words() -> tuple[str, ...]:
    return tuple(_WORD_LIST.read_text().split())
