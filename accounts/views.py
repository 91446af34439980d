"""What keeps an account safe: where it is signed in, and the token scripts use. Of the signed-in person alone."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import tokens
from accounts.adapters import token_changed
from accounts.decorators import reauthentication_required
from accounts.models import User
from accounts.session_store import end_other_sessions, end_session, handle_of, live_sessions


@never_cache
@require_safe
def show_devices(request: HttpRequest) -> HttpResponse:
    here = request.session.session_key
    shown = [{"row": row, "handle": handle_of(row), "is_here": row.pk == here} for row in live_sessions(_user(request))]
    return render(request, "accounts/devices.html", {"sessions": shown})


@require_POST
def end_device(request: HttpRequest) -> HttpResponse:
    if end_session(_user(request), request.POST.get("session", "")):
        messages.success(request, "Signed out there, and its vault is locked.")
    else:
        messages.info(request, "It was signed out already.")
    return redirect("devices")


@require_POST
def end_other_devices(request: HttpRequest) -> HttpResponse:
    count = end_other_sessions(_user(request), keep=request.session.session_key)
    messages.success(request, "Signed out everywhere else." if count else "Nobody was signed in anywhere else.")
    return redirect("devices")


@never_cache
@require_safe
def show_token(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/token.html", {"token": tokens.get_token(_user(request))})


@never_cache
@require_POST
@reauthentication_required
def make_token(request: HttpRequest) -> HttpResponse:
    """Shows the token in this one answer; a reload asks for another."""
    user = _user(request)
    key = tokens.make_token(user)
    token_changed.send(sender=User, user=user, made=True)
    return render(request, "accounts/token.html", {"token": tokens.get_token(user), "key": key})


@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    tokens.revoke_token(user)
    token_changed.send(sender=User, user=user, made=False)
    messages.success(request, "The token no longer works.")
    return redirect("token")


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
