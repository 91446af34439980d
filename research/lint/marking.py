"""Finds text in Django templates and in Python that is not marked for translation."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Final

from django.template.base import Lexer, Token, TokenType

#: Attributes that are shown, or read aloud by screen readers.
SHOWN_ATTRIBUTES: Final = frozenset({"aria-label", "title", "alt", "placeholder"})
#: The same in every language.
ALLOWED_WORDS: Final = ("Wellbeing", "UTC", "doi.org")
#: Blocks that fill an attribute in the base page, so that they contain no text.
ATTRIBUTE_BLOCKS: Final = frozenset({"page_class", "main_attributes"})

#: Functions that mark a text.
MARKERS: Final = frozenset(
    {"_", *(f"{kind}{lazy}" for kind in ("gettext", "ngettext", "pgettext", "npgettext") for lazy in ("", "_lazy"))}
    | {"gettext_noop"}
)
#: Which argument of a call is shown, from 0.
SHOWN_ARGUMENTS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("success", "info", "warning", "error", "message_user", "add_error"), 1),
    **dict.fromkeys(("ValidationError", "CharField"), 0),
    **dict.fromkeys(("log_change", "log_addition"), 2),
}
SHOWN_KEYWORDS: Final = frozenset(
    {"label", "verbose_name", "verbose_name_plural", "violation_error_message", "empty_label"}
)
#: What a class may say of itself: a refusal, a filter or a model of the administration.
SHOWN_ATTRIBUTES_OF_CLASSES: Final = frozenset({"detail", "title", "verbose_name", "verbose_name_plural"})

_CHOICES: Final = frozenset({"TextChoices", "IntegerChoices"})
_TRANSLATED: Final = frozenset({"blocktranslate", "blocktrans"})
_UNREAD_ELEMENTS: Final = frozenset({"code", "script", "style"})
_ALLOWED: Final = re.compile(rf"\b(?:{'|'.join(map(re.escape, ALLOWED_WORDS))})\b")


def unmarked_texts(source: str) -> list[tuple[int, str]]:
    """Line (from 1) and text of everything shown that is outside `translate` and `blocktranslate`, in order."""
    reader = _TextReader()
    reader.feed("".join(_strip_tags(Lexer(source).tokenize())))
    reader.close()
    return reader.found


def _strip_tags(tokens: Iterable[Token]) -> Iterator[str]:
    """The markup of a template without tags and what they translate or leave out; line numbers do not change."""
    skipping_until = ""
    for token in tokens:
        name = token.contents.split()[0] if token.token_type is TokenType.BLOCK else ""
        if skipping_until:
            skipping_until = "" if name == skipping_until else skipping_until
        elif token.token_type is TokenType.TEXT:
            yield token.contents
            continue
        else:
            skipping_until = _end_of_skipped(token, name)
        yield "\n" * token.contents.count("\n")


def _end_of_skipped(token: Token, name: str) -> str:
    """The tag that ends the skipped part that `token` begins; "" if what follows is shown and untranslated."""
    if name in _TRANSLATED or name == "comment":
        return f"end{name}"
    return "endblock" if name == "block" and token.split_contents()[1] in ATTRIBUTE_BLOCKS else ""


class _TextReader(HTMLParser):
    """Collects what a page shows: its text and SHOWN_ATTRIBUTES."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._is_unread = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_unread = self._is_unread or tag in _UNREAD_ELEMENTS
        for name, value in attrs:
            if name in SHOWN_ATTRIBUTES and value:
                self._note(value, self._lines_before_attribute(name))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._is_unread = self._is_unread and tag not in _UNREAD_ELEMENTS

    def handle_data(self, data: str) -> None:
        if not self._is_unread:
            self._note(data)

    def _lines_before_attribute(self, name: str) -> int:
        before, *_ = re.split(rf"\s{name}\s*=", self.get_starttag_text() or "", maxsplit=1, flags=re.IGNORECASE)
        return before.count("\n")

    def _note(self, text: str, lines_before: int = 0) -> None:
        letter = re.search(r"[^\W\d_]", _ALLOWED.sub(lambda match: " " * len(match[0]), text))
        if letter:
            line = self.getpos()[0] + lines_before + text.count("\n", 0, letter.start())
            self.found.append((line, " ".join(text.split())))


def find_refusals(sources: Iterable[str]) -> set[str]:
    """Names of the classes that are refusals put into words: WellbeingError and what derives from it."""
    bases = {
        node.name: {_name_of(base) for base in node.bases}
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
    }
    found = {"WellbeingError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found


def unmarked_strings(
    source: str, *, refusals: Collection[str] = (), shows_help: bool = False, is_wording: bool = False
) -> list[tuple[int, str]]:
    """Line (from 1) and text of every string in a module that is shown and not marked, in the order of the module.

    Shown are messages, errors of forms, labels, names of models and choices, and what one of the `refusals` says; where
    `shows_help`, help texts too; where `is_wording`, every string of several words but docstrings, keys and what is
    raised.
    """
    tree = ast.parse(source)
    keywords = SHOWN_KEYWORDS | {"help_text"} if shows_help else SHOWN_KEYWORDS
    nodes = [part for node in ast.walk(tree) for part in _find_shown(node, refusals, keywords)]
    shown = [text for node in nodes for text in _unmarked(node)]
    if is_wording:
        shown += _find_sentences(tree)
    return sorted({(node.lineno, " ".join(_text_of(node).split())) for node in shown})


def _find_shown(node: ast.AST, refusals: Collection[str], keywords: Collection[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        place = 0 if (name := _name_of(node.func)) in refusals else SHOWN_ARGUMENTS.get(name)
        is_log = isinstance(node.func, ast.Attribute) and _name_of(node.func.value) == "logger"
        yield from node.args[place : place + 1] if place is not None and not is_log else ()
        yield from (keyword.value for keyword in node.keywords if keyword.arg in keywords)
    elif isinstance(node, ast.ClassDef):
        has_labels = any(_name_of(base) in _CHOICES for base in node.bases)
        for statement in node.body:
            if isinstance(statement, ast.Assign):
                yield from _find_shown_attributes(statement, has_labels=has_labels)


def _find_shown_attributes(statement: ast.Assign, *, has_labels: bool) -> Iterator[ast.expr]:
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = list(zip(target.elts, value.elts, strict=True))
    else:
        pairs = [(target, value)]
    yield from (value for target, value in pairs if _name_of(target) in SHOWN_ATTRIBUTES_OF_CLASSES)
    if has_labels and isinstance(value, ast.Tuple):
        yield from value.elts[1:]


def _unmarked(node: ast.expr) -> Iterator[ast.expr]:
    """The literal texts `node` may come to, but for marked ones."""
    if isinstance(node, ast.Constant | ast.JoinedStr):
        if re.search(r"[^\W\d_]", _ALLOWED.sub("", _text_of(node))):
            yield node
        return
    parts: list[ast.expr] = []
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            parts = [body, orelse]
        case ast.BoolOp(values=values) | ast.Dict(values=values):
            parts = values
        case ast.BinOp(left=left, right=right):
            parts = [left, right]
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            parts = [value]
    for part in parts:
        yield from _unmarked(part)


def _find_sentences(tree: ast.Module) -> Iterator[ast.expr]:
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        is_unseen = isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        if node in passed or is_unseen or (isinstance(node, ast.Call) and _name_of(node.func) in MARKERS):
            passed.update(ast.iter_child_nodes(node))
        elif isinstance(node, ast.Dict):
            passed.update(key for key in node.keys if key)
        elif isinstance(node, ast.Constant | ast.JoinedStr):
            passed.update(ast.iter_child_nodes(node))
            if re.search(r"[^\W\d_]{2,} [^\W\d_]", _text_of(node)):
                yield node


def _text_of(node: ast.AST) -> str:
    """A literal text; what an f-string puts in is an underscore."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) if isinstance(part, ast.Constant) else "_" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _name_of(node: ast.expr) -> str:
    return getattr(node, "attr", "") or getattr(node, "id", "")
