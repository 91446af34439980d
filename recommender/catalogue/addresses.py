"""Addresses and telephone numbers, which have no place in the text of an activity.

Whoever runs what they lead to could see who follows them, and so whom the activity was offered to. Pure.
"""

import re
import unicodedata
from typing import Final

_CALL: Final = (
    "call|dial|ring|phone|telephone|tel|text|sms|fax|ext|extension|number|"
    "ruf|rufe|rufen|anrufen|anruf|wähl|wähle|wählen|telefon|durchwahl|nummer|rufnummer|apparat"
)
#: Numbers that look like a telephone number and are none: a thousand with its mark, and years from one to another.
_PLAIN_NUMBER: Final = re.compile(
    r"(?<![\d.,])[1-9]\d{0,2}[.,]\d{3}(?![\d.,]*\d)|(?<!\d)(?:19|20)\d\d ?- ?(?:19|20)\d\d(?!\d)"
)
_ADDRESS: Final = re.compile(
    r"""
      \w+:[/\\]\S* | [/\\]{2}\S+                    # a scheme; a share
    | [\w.+-]*[@#][\w.-]+                           # mail, handles and channels of a chat
    | [\w-]*[([{]\s*(?:at|dot|punkt)\s*[)\]}]\S*    # the same, disguised
    | (?:[\w-]+\.)+[^\W\d_][\w-]+(?:[/:?]\S*)?      # the name of a host
    | [^\W\d_][\w-]*[/\\][^\W\d_]\S*                # a short link
    | \d{1,3}(?:\.\d{1,3}){3}(?!\d)                 # the number of a host
    | \?\w+=\S*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    rf"""
      \+\s?\d[\d\s()/.-]{{3,}}\d
    | (?<!\w)(?:{_CALL})\.?:?\s+(?:\w+\s+){{0,2}}?\d[\d\s/.-]+\d
    | \d[\d\s()/.-]{{3,}}\d
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: Slashes and dots of other scripts.
_LOOKALIKES: Final = str.maketrans({"\u2215": "/", "\u2044": "/", "\u3002": ".", "\u00b7": "."})


def find_addresses(text: str) -> list[str]:
    """Everything in `text` that leads to a page, a mailbox, a chat, or a telephone."""
    plain = _unmask(text)
    found = [match[0].rstrip(".,;:!?") for match in _ADDRESS.finditer(plain)]
    rest = _PLAIN_NUMBER.sub(" ", _ADDRESS.sub(" ", plain))
    numbers = (match[0] for match in _NUMBER.finditer(rest))
    return [*found, *(" ".join(number.split()) for number in numbers if _is_dialled(number))]


def _unmask(text: str) -> str:
    """Without invisible characters, and with the usual letter, dot, dash or slash for others that look like it."""
    plain = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)
    kinds = ((character, unicodedata.category(character)) for character in plain)
    return "".join("-" if kind == "Pd" else character for character, kind in kinds if kind != "Cf")


def _is_dialled(number: str) -> bool:
    """Not a countdown such as 5-4-3-2-1, nor a few small numbers beside each other."""
    groups = re.findall(r"\d+", number)
    return not number[0].isdigit() or (sum(map(len, groups)) >= 5 and max(map(len, groups)) >= 3)
