"""How a face is read and how often wrongly, in the figures of the model's own measurements: for anybody to see."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from emotion import selectors
from emotion.classifier.measured import Report, list_findings
from emotion.labels import EXPRESSIONS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: Of the sets the shipped model is measured on: what they are, in words.
_SETS: "Final[Mapping[str, tuple[StrOrPromise, StrOrPromise]]]" = {
    "ferplus.zip": (
        _("Faces from the web"),
        _("Small grey pictures of people who mostly did not pose, each named by about ten strangers."),
    ),
    "jaffe": (
        _("Posed faces in a studio"),
        _(
            "Ten women were asked to show each expression, and were photographed at a desk's distance. Nothing like"
            " these pictures was in the training."
        ),
    ),
}
_PRIORS: "Final[Mapping[str, StrOrPromise]]" = {
    "everyday": _("All figures, with expressions as frequent as in everyday pictures: so readings are made"),
    "balanced": _("All figures, as if every expression were equally frequent"),
}
_SUMMARY: "Final[Mapping[str, StrOrPromise]]" = {
    "accuracy": _("Right"),
    "macro_recall": _("Found, mean of the seven"),
    "macro_f1": _("F1, mean of the seven"),
    "expected_calibration_error": _("Calibration error"),
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
    # The faces most of the crowd agreed on, where a set has such.
    agreed = report.get("majority_only")
    return {
        "title": title,
        "words": words,
        "images": f"{report['images']:,}",
        "accuracy": _tell(report["everyday"], "accuracy"),
        "agreed": agreed and {"images": f"{agreed['images']:,}", "accuracy": _tell(agreed["everyday"], "accuracy")},
        "findings": _tell_findings(report["everyday"]),
        "priors": [_tabulate(report[prior], told) for prior, told in _PRIORS.items()],
    }


def _tabulate(measured: Report, told: "StrOrPromise") -> dict[str, Any]:
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
    told = gettext("%(share).1f%% (%(low).1f to %(high).1f)")
    return told % {"share": 100 * measured[name], "low": 100 * low, "high": 100 * high}


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
    return gettext("never said") if share is None else f"{100 * share:.0f}%"
