"""Pages on which times are those of the person who looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.http import SiteRequest, signed_in
from emotion.selectors import get_local_now


def render_local(
    request: SiteRequest, template: str, context: Mapping[str, Any], zone: tzinfo | None = None
) -> HttpResponse:
    """`zone`: the person's own, where it is known already."""
    with timezone.override(zone or get_local_now(signed_in(request)).tzinfo):
        return render(request, template, context)
