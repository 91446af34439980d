"""The filter `date` of templates, with its formats in the reader's language: "5 March 2026" is "5. März 2026"."""

from typing import Any, Final

from django.template import Library, defaultfilters
from django.utils.translation import pgettext_lazy

register: Final = Library()
#: As Django's `date` reads them; its own named formats have no order for most of these.
FORMATS: Final = {
    "D j M": pgettext_lazy("date format", "D j M"),
    "D j M, H:i": pgettext_lazy("date format", "D j M, H:i"),
    "j F": pgettext_lazy("date format", "j F"),
    "j F, H:i": pgettext_lazy("date format", "j F, H:i"),
    "j F Y": pgettext_lazy("date format", "j F Y"),
    "j F Y, H:i": pgettext_lazy("date format", "j F Y, H:i"),
    "j F Y, H:i:s e": pgettext_lazy("date format", "j F Y, H:i:s e"),
    "j M": pgettext_lazy("date format", "j M"),
    "j M, H:i": pgettext_lazy("date format", "j M, H:i"),
    "j M Y": pgettext_lazy("date format", "j M Y"),
    "j M Y, H:i": pgettext_lazy("date format", "j M Y, H:i"),
    "l, j F": pgettext_lazy("date format", "l, j F"),
}


@register.filter(name="date", expects_localtime=True, is_safe=False)
def format_date(value: Any, style: str | None = None) -> str:
    return defaultfilters.date(value, None if style is None else str(FORMATS.get(style, style)))
