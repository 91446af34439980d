"""Every address of the site, from the URLconf itself, so that a new one cannot be forgotten by a test."""

import re
from collections.abc import Iterable, Iterator, Mapping

from django.urls import URLPattern, URLResolver, get_resolver

_PARAMETER = re.compile(r"(?<!\?P)<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
# allauth and the admin write some patterns as regular expressions.
_GROUP = re.compile(r"\(\?P<(?P<name>\w+)>(?:[^()]|\([^()]*\))*\)")
_ANCHORS = str.maketrans("", "", "^$\\")


def every_route() -> Iterator[str]:
    """Routes as written, such as `api/v1/captures/<uuid:capture_id>/`."""
    yield from sorted(set(_walk(get_resolver().url_patterns, "")))


def every_address(values: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Each route with its parameters filled in: every one of `values[name]`, or of `values["*"]`."""
    for route in every_route():
        names = [match["name"] for match in _PARAMETER.finditer(route)] + [m["name"] for m in _GROUP.finditer(route)]
        choices = max((tuple(values.get(name, values["*"])) for name in names), key=len, default=("",))
        for index in range(len(choices)):
            yield "/" + _fill(route, values, index)


def _fill(route: str, values: Mapping[str, Iterable[str]], index: int) -> str:
    def pick(match: re.Match[str]) -> str:
        options = tuple(values.get(match["name"], values["*"]))
        return options[min(index, len(options) - 1)]

    return _PARAMETER.sub(pick, _GROUP.sub(pick, route)).translate(_ANCHORS)


def _walk(patterns: Iterable[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route
