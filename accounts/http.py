"""A request as the middleware of accounts leaves it for views, and the person who sent it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from accounts.models import User
from accounts.session_store import SessionStore


class SiteRequest(HttpRequest):
    """Any request that comes to a view of this site."""

    session: SessionStore
    htmx: HtmxDetails


def signed_in(request: HttpRequest | Request) -> User:
    """The person who sent it. Raises PermissionDenied for anyone else, whom `SignInMiddleware` leads away before."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user
