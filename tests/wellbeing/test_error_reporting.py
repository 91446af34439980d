import sys
from typing import Any

from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from wellbeing.error_reporting import SilentReporterFilter

# Joined here, so that the report does not show it as a line of this file.
SECRET = "-".join(("quilted", "otter"))


def _fail(anything: str) -> None:
    raise RuntimeError(len(anything))


def _report(rf: RequestFactory) -> str:
    request = rf.post("/anywhere/", {"field": SECRET})
    try:
        _fail(SECRET)
    except RuntimeError:
        reporter = ExceptionReporter(request, *sys.exc_info())
    return reporter.get_traceback_html() + reporter.get_traceback_text()


def test_a_report_hides_every_posted_value_and_every_variable(rf: RequestFactory) -> None:
    report = _report(rf)
    assert SECRET not in report
    assert "RuntimeError" in report
    assert "_fail" in report


def test_the_site_uses_it(settings: Any) -> None:
    assert settings.DEFAULT_EXCEPTION_REPORTER_FILTER.endswith(SilentReporterFilter.__name__)


def test_a_developer_sees_variables(rf: RequestFactory, settings: Any) -> None:
    settings.DEBUG = True
    assert SECRET in _report(rf)
