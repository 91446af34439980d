"""How a face is read and how often wrongly, in the figures of the model's own measurements: for anybody to see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from emotion import selectors
from emotion.classifier.measured import Report, list_findings
from emotion.labels import EXPRESSIONS

#: Of the sets the shipped model is measured on: what they are, in words.
_SETS: Final[Mapping[str, tuple[str, str]]] = {
    "ferplus.zip": (
        "Faces from the web",
        "Small grey pictures of people who mostly did not pose, each named by about ten strangers.",
    ),
    "jaffe": (
        "Posed faces in a studio",
        "Ten women were asked to show each expression, and were photographed at a desk's distance. Nothing like these"
        " pictures was in the training.",
    ),
}
_PRIORS: Final[Mapping[str, str]] = {
    "everyday": "All figures, with expressions as frequent as in everyday pictures: so readings are made",
    "balanced": "All figures, as if every expression were equally frequent",
}
_SUMMARY: Final[Mapping[str, str]] = {
    "accuracy": "Right",
    "macro_recall": "Found, mean of the seven",
    "macro_f1": "F1, mean of the seven",
    "expected_calibration_error": "Calibration error",
}


@login_not_required
@require_GET
def show_how_faces_are_read(request: HttpRequest) -> HttpResponse:
    context = {
        "model": selectors.get_shipped_model(),
        "reports": [_describe(report) for report in selectors.get_measurements()],
        "names": EXPRESSIONS,
    }
    return render(request, "emotion/how_faces_are_read.html", context)


def _describe(report: Report) -> dict[str, Any]:
    title, words = _SETS.get(report["dataset"], (report["dataset"], ""))
    return {
        "title": title,
        "words": words,
        "images": f"{report['images']:,}",
        "accuracy": _tell(report["everyday"], "accuracy"),
        "agreed": _describe_agreed(report.get("majority_only")),
        "findings": _tell_findings(report["everyday"]),
        "priors": [_tabulate(report[prior], told) for prior, told in _PRIORS.items()],
    }


def _describe_agreed(agreed: Report | None) -> dict[str, Any] | None:
    """On the faces most of the crowd agreed on, where a set has such."""
    return {"images": f"{agreed['images']:,}", "accuracy": _tell(agreed["everyday"], "accuracy")} if agreed else None


def _tabulate(measured: Report, told: str) -> dict[str, Any]:
    return {
        "told": told,
        "summary": [(words, _tell(measured, name)) for name, words in _SUMMARY.items()],
        "confusion": [
            (finding.expression, counts, _percent(finding.found))
            for finding, counts in zip(list_findings(measured), measured["confusion"], strict=True)
        ],
    }


def _tell(measured: Report, name: str) -> str:
    low, high = measured["intervals"][name]
    return f"{100 * measured[name]:.1f}% ({100 * low:.1f} to {100 * high:.1f})"


def _tell_findings(measured: Report) -> list[dict[str, Any]]:
    return [
        {
            "expression": finding.expression,
            "found": _percent(finding.found),
            "right": _percent(finding.right),
            "taken_for": finding.taken_for and f"{finding.taken_for}, {_percent(finding.taken_share)}",
        }
        for finding in list_findings(measured)
    ]


def _percent(share: float | None) -> str:
    return "never said" if share is None else f"{100 * share:.0f}%"
