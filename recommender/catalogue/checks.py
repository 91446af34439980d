"""What a catalogue should hold to: texts, references, translations, and something to offer at every moment. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any, Final

from core.wording_lint import find_judgements
from emotion.labels import EXPRESSIONS
from recommender.catalogue.addresses import find_addresses
from recommender.choices import Daypart, Limit, Place
from recommender.ranking.reward_model import Candidate

Content = Mapping[str, Any]

_LENGTHS: Final = {"title": (3, 60), "body": (40, 400), "effect_note": (20, 200)}
DOI: Final = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
#: At every moment there should be so many that take no longer than a quarter of an hour, of so many categories.
ENOUGH, CATEGORIES, MINUTES = 4, 2, 15


def check_contents(contents: Sequence[Content], *, languages: Sequence[str]) -> list[str]:
    """One sentence for each thing to mend. `contents` have the shape of `Activity.to_content`."""
    problems = [f"{content['slug']}: {problem}" for content in contents for problem in _check_one(content, languages)]
    return [*problems, *_find_twins(contents), *find_gaps(contents)]


def read_candidate(content: Content) -> Candidate:
    """As ranking sees it."""
    due = content["review_due"]
    return Candidate(
        slug=content["slug"],
        category=content["category"],
        targets=frozenset(content["targets"]),
        minutes=content["minutes"],
        grade=content["evidence_grade"],
        places=frozenset(content["places"]),
        dayparts=frozenset(content["dayparts"]),
        limits=frozenset(content["limits"]),
        cooldown_hours=content["cooldown_hours"],
        safety=content["safety"],
        active=content["active"],
        review_due=date.fromisoformat(due) if due else None,
    )


def find_gaps(contents: Sequence[Content]) -> list[str]:
    """Moments with too little to offer: every expression at every place and daypart, sparing any one thing or none."""
    ranked = [content for content in contents if content["active"] and content["safety"] == "normal"]
    short = [content for content in ranked if content["minutes"] <= MINUTES]
    gaps = []
    for expression, place, daypart, spared in product(EXPRESSIONS, Place.values, Daypart.values, (None, *Limit.values)):
        fitting = [
            content
            for content in short
            if expression in content["targets"]
            and (not content["places"] or place in content["places"])
            and (not content["dayparts"] or daypart in content["dayparts"])
            and spared not in content["limits"]
        ]
        if len(fitting) < ENOUGH or len({content["category"] for content in fitting}) < CATEGORIES:
            moment = f"{expression}, {place}, {daypart}" + (f", sparing {spared}" if spared else "")
            gaps.append(f"too little for {moment}: {len(fitting)}")
    return gaps


def _check_one(content: Content, languages: Sequence[str]) -> Iterator[str]:
    yield from _check_texts(content, "")
    for language in languages:
        told = content["translations"].get(language)
        if told is None:
            yield f"not told in {language}"
        else:
            yield from _check_texts(told, f" ({language})")
    doi = content["doi"]
    if doi and not DOI.fullmatch(doi):
        yield f"{doi!r} is not a DOI"
    if content["evidence_grade"] in ("A", "B", "C") and not content["reference"]:
        yield "graded without a reference"
    if content["reference"] and not re.search(r"\((?:19|20)\d\d\)", content["reference"]):
        yield "the reference names no year"
    if content["reference_verified"] and not content["reference"]:
        yield "verified without a reference"


def _check_texts(texts: Content, language: str) -> Iterator[str]:
    for name, (low, high) in _LENGTHS.items():
        text = texts.get(name, "")
        if not low <= len(text) <= high:
            yield f"{name}{language} has {len(text)} characters, not {low} to {high}"
        if name != "title" and not text.endswith((".", "!", "?", "“", '"')):
            yield f"{name}{language} does not end like a sentence"
        for phrase in [*(phrase for _, phrase in find_judgements(text)), *find_addresses(text)]:
            yield f"{name}{language} says {phrase!r}"


def _find_twins(contents: Sequence[Content]) -> Iterator[str]:
    for name in ("slug", "title", "body"):
        counts = Counter(" ".join(str(content[name]).casefold().split()) for content in contents)
        yield from (f"the same {name} {times} times: {text[:60]}" for text, times in counts.items() if times > 1)
    for language in sorted({language for content in contents for language in content["translations"]}):
        told = (content["translations"].get(language, {}).get("title") for content in contents)
        counts = Counter(title.casefold() for title in told if title)
        yield from (f"the same title in {language}: {title}" for title, times in counts.items() if times > 1)
