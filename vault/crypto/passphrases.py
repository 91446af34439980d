"""How hard passphrases are to guess, and suggested ones. Imported on its own: its dictionaries are large."""

import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _
from zxcvbn import matching, scoring

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: A thousand million seconds for who tries 10^3 a second; the six words offered have 7776^6, which is 2 x 10^23.
ENOUGH_GUESSES: Final = 10**12
MAX_LENGTH: Final = 256
# What zxcvbn reads of a long passphrase; its time grows faster than the length.
_READ_LENGTH: Final = 72
_WORDS: Final = Path(__file__).parent / "words"
_UMLAUTS: Final = [str.maketrans(dict(zip("äöüß", spelt, strict=True))) for spelt in (("ae", "oe", "ue", "ss"), "aous")]
_SEPARATORS: Final = re.compile(r"[\s.,_-]+")
_OWN: Final = "user_inputs"
_REASONS: Final[Mapping[str, "StrOrPromise"]] = {
    _OWN: _("It is made of your address, or of names of this site."),
    "breached": _("It is made of what many people have chosen before."),
    "passwords": _("It is made of what many people have chosen before."),
    "dictionary": _("It is made of common words or names, and too few of them."),
    "spatial": _("Keys that lie side by side are tried early."),
    "repeat": _("Repeating something makes it hardly harder."),
    "sequence": _("Letters or digits in their order are tried early."),
    "regex": _("Years and dates are tried early."),
    "date": _("Years and dates are tried early."),
    "bruteforce": _("It is too short."),
}
_CURE: Final = _("Take the six words offered, or at least five words that have nothing to do with each other.")


@dataclass(frozen=True, slots=True)
class Strength:
    """`guesses`: how many tries it withstands. `advice` says why they are too few; it is empty when they are enough."""

    guesses: float
    advice: str

    @property
    def is_enough(self) -> bool:
        return self.guesses >= ENOUGH_GUESSES


def judge_passphrase(passphrase: str, *, about: Sequence[str] = ()) -> Strength:
    """`about`: what an attacker knows about the person and the site, such as an e-mail address."""
    known = [part for word in about for part in (word, *re.split(r"[@\s.]+", word)) if part]
    # zxcvbn counts a blank or dot between two words as brute-force work, so the joined words are judged too.
    forms = {passphrase.strip(), _SEPARATORS.sub("", passphrase)} - {""}
    # Also written backwards in places, and with digits for letters: that is zxcvbn's part.
    results = [_judge(form[:_READ_LENGTH], {**_dictionaries(), _OWN: _rank(known)}) for form in forms]
    if not results:
        return Strength(0, str(_CURE))
    result = min(results, key=lambda result: result["guesses"])
    strength = Strength(float(result["guesses"]), "")
    return strength if strength.is_enough else Strength(strength.guesses, f"{_find_reason(result)} {_CURE}")


def suggest_passphrase(words: int = 6) -> str:
    """Random words of 12.9 bits each: six resist offline guessing even by a person who has every server secret."""
    return " ".join(secrets.choice(_read_words("eff_large")) for _ in range(words))


def _judge(text: str, dictionaries: Mapping[str, Mapping[str, int]]) -> Mapping[str, Any]:
    """Without the guesses that zxcvbn adds for shorter sequences: four common words would have 10^12 by those alone."""
    found = matching.omnimatch(text, dictionaries)
    result: Mapping[str, Any] = scoring.most_guessable_match_sequence(text, found, _exclude_additive=True)
    return result


def _find_reason(result: Mapping[str, Any]) -> str:
    """What most of its characters are; one's own names before all."""
    kinds: Counter[str] = Counter()
    for part in result["sequence"]:
        name = part.get("dictionary_name") or part["pattern"]
        kinds[name if name in _REASONS else "dictionary"] += len(part["token"])
    return str(_REASONS[_OWN if _OWN in kinds else kinds.most_common(1)[0][0]])


@cache
def _dictionaries() -> Mapping[str, Mapping[str, int]]:
    """zxcvbn's English ones and its breached passwords; German, each word also without umlauts; what both lack."""
    german = _rank(_read_words("german"))
    spelt = {word.translate(table): rank for table in _UMLAUTS for word, rank in german.items()}
    passwords = matching.RANKED_DICTIONARIES["passwords"]
    breached = {word: len(passwords) for word in _read_words("breached")}
    return {**matching.RANKED_DICTIONARIES, "german": {**spelt, **german}, "breached": breached}


def _rank(words: Sequence[str]) -> Mapping[str, int]:
    return {word.lower(): place for place, word in enumerate(words, 1)}


@cache
def _read_words(name: str) -> tuple[str, ...]:
    return tuple((_WORDS / f"{name}.txt").read_text().split())
