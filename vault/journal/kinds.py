"""What a journal may hold: one class a kind of entry. Nothing else in the tree knows a kind by its string.

A class says which fields an entry of its kind has, in the order in which they are written, and within which bounds;
whether it stands or for how long it lasts; in which list of an export it is, and whether it may come back from a file.
A field with a default is not written while it has it. An optional field may be added so; everything else is another
format, see `docs/formats.md`. Which words there are for expressions and
outcomes is known further up: see `WORD_CHECKS`.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final, Literal, get_args
from uuid import UUID

from msgspec import Meta, Raw, Struct, json, to_builtins

from accounts.choices import Event

AnswerWord = Literal["did", "not_now", "never"]
Company = Literal["alone", "with", "either"]
ANSWERS: Final[tuple[AnswerWord, ...]] = get_args(AnswerWord)
COMPANIES: Final[tuple[Company, ...]] = get_args(Company)

Share = Annotated[float, Meta(ge=0, le=1)]
#: One of each expression.
Shares = Annotated[tuple[Share, ...], Meta(min_length=7, max_length=7)]
Shifts = Annotated[tuple[Annotated[float, Meta(ge=-100, le=100)], ...], Meta(min_length=7, max_length=7)]
Balance = Annotated[float, Meta(ge=-1, le=1)]
Rating = Annotated[int, Meta(ge=-2, le=2)]
Minutes = Annotated[int, Meta(ge=0, le=1440)]
#: PostgreSQL, which is asked for the activities that are named, takes no NUL.
Text = Annotated[str, Meta(pattern=r"\A[^\0]*\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=100)]


class Impossible(ValueError):
    """An entry of no known kind, with fields out of bounds, words that nobody knows, or a moment that has not come."""


class Kind(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What an entry says."""

    kind: ClassVar[str]
    #: A setting: the latest one holds until the person changes it, and outlives what is deleted with age.
    standing: ClassVar[bool] = False
    #: For how long it holds at most: until then it is not deleted with age.
    lasting: ClassVar[timedelta] = timedelta(0)
    #: The list of an export that has it; None: in none.
    exported: ClassVar[Literal["entries", "audit"] | None] = "entries"
    importable: ClassVar[bool] = True


class Look(Kind, frozen=True):
    """What the classifier said of one capture, the shares in the order of `emotion.labels.EXPRESSIONS`."""

    capture: UUID
    outcome: str
    p: Shares | None
    quality: Share
    model: Name


class Reading(Look, frozen=True):
    kind = "reading"


class Neutral(Look, frozen=True):
    """A still of the face at rest."""

    kind = "neutral"


class Correction(Kind, frozen=True):
    """What the person says their face showed in the reading `of`; the latest counts."""

    kind = "correction"
    of: UUID
    expression: str


class RestingFace(Kind, frozen=True):
    """Learnt from resting stills: what is taken off the logits of that model's readings."""

    kind = "resting_face"
    version: int
    model: Name
    shift: Shifts


class CheckIn(Kind, frozen=True):
    """How somebody says they feel; `words` are offered ones and their own."""

    kind = "checkin"
    pleasantness: Balance
    energy: Balance
    words: tuple[Text, ...]
    note: Text


class CheckInSkipped(Kind, frozen=True):
    """The person would rather not say today."""

    kind = "checkin_skipped"


class Suggestion(Kind, frozen=True):
    """An activity that was shown in a place on the page; `chosen`: picked by the person, so nobody drew it."""

    kind = "suggestion"
    activity: Text
    slot: Annotated[int, Meta(ge=0, lt=1000)]
    reason: Mapping[str, str | int | float | bool | None]
    propensity: Share | None
    chosen: bool = False


class Feedback(Kind, frozen=True):
    """The answer to a suggestion; `before` and `after` say how the person felt."""

    kind = "feedback"
    suggestion: UUID
    activity: Text
    answer: AnswerWord
    helped: Rating | None
    before: Rating | None = None
    after: Rating | None = None


class Preferences(Kind, frozen=True):
    """What fits the moment: place and minutes hold for the day, what to be spared until changed.

    `kept`, here and below: taken along, because it was older than entries are kept.
    """

    kind = "preferences"
    standing = True
    place: Text | None
    minutes: Minutes | None
    avoid: tuple[Text, ...]
    kept: bool = False


class Taste(Kind, frozen=True):
    """What usually does the person good: categories, the longest they want (None: any length), and with whom."""

    kind = "taste"
    standing = True
    likes: tuple[Text, ...]
    minutes: Minutes | None
    company: Company
    kept: bool = False


class Display(Kind, frozen=True):
    """Whether to show trends."""

    kind = "display"
    standing = True
    trends: bool
    kept: bool = False


class LowDays(Kind, frozen=True):
    """Whether the days before were low ones; holds as long as administrators set, at most as long as they may."""

    kind = "low_days"
    lasting = timedelta(days=60)
    low: bool


class Camera(Kind, frozen=True):
    """A use of the camera, the discarded and refused ones too."""

    kind = "camera"
    use: UUID
    trigger: str
    ended: str


class CameraKept(Kind, frozen=True):
    """The offer to switch the camera off was declined."""

    kind = "camera_kept"
    lasting = timedelta(days=30)


class Audit(Kind, frozen=True):
    """What was done with account and vault; written by the site alone."""

    kind = "audit"
    exported = "audit"
    importable = False
    event: Event
    detail: str


KINDS: Final[Mapping[str, type[Kind]]] = {
    kind.kind: kind for kind in (*Look.__subclasses__(), *Kind.__subclasses__()) if kind is not Look
}
STANDING: Final[tuple[type[Kind], ...]] = tuple(kind for kind in KINDS.values() if kind.standing)
_DECODERS: Final[Mapping[str, Callable[[Raw], Kind]]] = {
    name: json.Decoder(kind).decode for name, kind in KINDS.items()
}


#: By kind, what is wrong with the words of an entry: filled by the packages that know the words.
WORD_CHECKS: Final[dict[str, Callable[[Any], str | None]]] = {}


def encode_data(data: Kind) -> Raw:
    """As JSON. Raises Impossible with what is wrong: what is written must be readable."""
    encoded = Raw(json.encode(data))
    decode_data(data.kind, encoded)
    return encoded


def decode_data(kind: str, data: Raw) -> Kind:
    """Raises Impossible with what is wrong."""
    try:
        decoded = _DECODERS[kind](data)
    except (KeyError, ValueError, RecursionError) as error:
        raise Impossible(f"its data does not fit its kind: {error}.") from error
    check = WORD_CHECKS.get(kind)
    problem = check(decoded) if check else None
    if problem:
        raise Impossible(problem)
    return decoded


def show_data(data: Kind) -> dict[str, Any]:
    """The fields as they are written, in plain objects."""
    shown: dict[str, Any] = to_builtins(data)
    return shown
