"""Forms as they look everywhere on the site, and the one that asks for some words before nothing can be undone."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class SiteForm(forms.Form):
    """Labels without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))


class TypedWordsForm(SiteForm):
    """To be sent only by somebody who read what it does."""

    words: "ClassVar[StrOrPromise]"
    refusal: "ClassVar[StrOrPromise]"

    confirmation = forms.CharField(
        max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["confirmation"].label = format_lazy(_("Type “{words}”"), words=self.words)

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"].strip().lower().strip("“”\"'")
        if typed != str(self.words).lower():
            raise ValidationError(self.refusal)
        return typed
