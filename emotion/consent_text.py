"""What a person agrees to before the first snapshot. Change a word and raise the version: all are asked again.

Marked for translators, and shown as it stands: a receipt proves the very words that were agreed to.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class ConsentText:
    version: str
    title: str
    sections: tuple[dict[str, Any], ...]

    @cached_property
    def sha256(self) -> str:
        """Of the canonical JSON of everything shown, so that a receipt proves which words were agreed to."""
        canonical = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def make_section(heading: str, *paragraphs: str) -> dict[str, Any]:
    return {"heading": heading, "paragraphs": paragraphs}


CONSENT_TEXT: Final = ConsentText(
    version="1",
    title=_("Snapshots of my face"),
    sections=(
        make_section(
            _("What happens"),
            _(
                "While the snapshot page is open, your browser may take a still picture of your face: when you "
                "press the button, or at the times you set yourself. Each time you see it first and can discard "
                "it, unless you switch that off yourself."
            ),
            _(
                "The picture is sent to this site's server. A program estimates which of seven expressions your "
                "face showed: anger, disgust, fear, happiness, neutral, sadness or surprise. Then the picture is "
                "destroyed. It is never written to a disk, and nobody looks at it."
            ),
        ),
        make_section(
            _("What is kept, and who can read it"),
            _(
                "The estimate goes into your own history, sealed so that only your passphrase or your recovery "
                "code opens it. Your employer, colleagues, administrators and the people who run the database "
                "cannot."
            ),
            _("What they could see is that you have a history, and on which days something was added to it."),
            _(
                "Someone who takes over the running server, or changes its program, could see pictures from then "
                "on while they are read."
            ),
        ),
        make_section(
            _("What it is not"),
            _(
                "An expression is not a feeling, and the program is often wrong. It says nothing about your "
                "health, your work or you as a person, and it is used for nothing but your own page and its "
                "suggestions."
            ),
        ),
        make_section(
            _("Your choice"),
            _("This is voluntary. Nothing changes for you at work if you never agree, and nobody is told."),
            _(
                "You can stop at any time, without a reason, on this page. Snapshots stop at once and those still "
                "on their way are destroyed unread. Your history stays yours to keep or to erase."
            ),
        ),
    ),
)
