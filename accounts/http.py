"""A request as the middleware of accounts leaves it for views, and the person who sent it."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from accounts.models import User
from accounts.selectors import get_local_now
from accounts.session_store import SessionStore

#: For the header Clear-Site-Data: pages the browser kept, also those that Back would show.
CLEAR_PAGES: Final = '"cache"'


class SiteRequest(HttpRequest):
    """Any request that comes to a view of this site."""

    session: SessionStore
    #: What an API token made in this browser ends with: proof that the vault was opened here, or nothing.
    token_suffix: Callable[[], str]
    htmx: HtmxDetails


def is_visit(request: HttpRequest) -> bool:
    """Whether a person went to this page, not a script, nor the browser ahead of them."""
    is_navigation = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    return is_navigation and "Sec-Purpose" not in request.headers and not request.path.startswith("/api/")


def signed_in(request: HttpRequest | Request) -> User:
    """The person who sent it. Raises PermissionDenied for anyone else, whom `SignInMiddleware` leads away before."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def render_local(
    request: SiteRequest, template: str, context: Mapping[str, Any], zone: tzinfo | None = None
) -> HttpResponse:
    """A page whose times are the person's. `zone`: theirs, where it is known already."""
    with timezone.override(zone or get_local_now(signed_in(request)).tzinfo):
        return render(request, template, context)
