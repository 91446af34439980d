"""What keeps an account safe: where it is signed in, and the token scripts use. Of the signed-in person alone.

And the pages that say to look for a mail, in the place of allauth's own.
"""

from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import tokens
from accounts.adapters import MAILED_TO
from accounts.allauth_internals import (
    EmailVerificationStage,
    LoginStageController,
    send_verification_email_at_login,
)
from accounts.choices import Event
from accounts.decorators import form_only, reauthentication_required
from accounts.http import SiteRequest, signed_in
from accounts.mailings import find_mailing, key_of_address
from accounts.models import ApiToken
from accounts.notices import report
from accounts.session_store import end_other_sessions, end_session, handle_of, live_sessions


@never_cache
@require_safe
def show_devices(request: SiteRequest) -> HttpResponse:
    here = request.session.session_key
    shown = [
        {"row": row, "handle": handle_of(row), "is_here": row.pk == here} for row in live_sessions(signed_in(request))
    ]
    return render(request, "accounts/devices.html", {"sessions": shown})


@form_only
def end_device(request: SiteRequest) -> HttpResponse:
    if end_session(signed_in(request), request.POST.get("session", "")):
        messages.success(request, _("Signed out there, and its vault is locked."))
    else:
        messages.info(request, _("It was signed out already."))
    return redirect("devices")


@form_only
def end_other_devices(request: SiteRequest) -> HttpResponse:
    count = end_other_sessions(signed_in(request), keep=request.session.session_key)
    done, idle = _("Signed out everywhere else."), _("Nobody was signed in anywhere else.")
    messages.success(request, done if count else idle)
    return redirect("devices")


@never_cache
@require_safe
def show_token(request: SiteRequest) -> HttpResponse:
    shown = {"token": tokens.get_token(signed_in(request)), "scopes": ApiToken.Scope.choices}
    return render(request, "accounts/token.html", shown)


@never_cache
@form_only
@reauthentication_required
def make_token(request: SiteRequest) -> HttpResponse:
    """Shows the token in this one answer; a reload asks for another."""
    user, scope = signed_in(request), request.POST.get("scope", "")
    if scope not in ApiToken.Scope:
        messages.error(request, _("Please choose what the token is for."))
        return redirect("token")
    suffix = request.token_suffix()
    if scope == ApiToken.Scope.CHECK_IN and not suffix:
        messages.error(request, _("Please open your vault in this browser first: what a token says goes into it."))
        return redirect("token")
    key = tokens.make_token(user, ApiToken.Scope(scope), suffix=suffix)
    report(user, Event.TOKEN_MADE, detail=scope)
    return render(request, "accounts/token.html", {"token": tokens.get_token(user), "key": key})


@form_only
def revoke_token(request: SiteRequest) -> HttpResponse:
    user = signed_in(request)
    tokens.revoke_token(user)
    report(user, Event.TOKEN_REVOKED)
    messages.success(request, _("The token no longer works."))
    return redirect("token")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_confirmation_sent(request: SiteRequest) -> HttpResponse:
    """Where who signs up, or in with an address not confirmed yet, waits for the mail. Posted: sends it again."""
    stage = LoginStageController.enter(request, EmailVerificationStage.key)
    if request.method == "POST":
        if stage is None:
            return redirect("account_login")
        if not send_verification_email_at_login(request, stage.login):
            messages.info(request, _("That was a little too soon: no mail was sent this time."))
        return redirect("account_email_verification_sent")
    key = _key_of_login(stage.login) if stage else request.session.get(MAILED_TO, "")
    return render(
        request, "account/verification_sent.html", {"mailing": find_mailing(key), "can_send": stage is not None}
    )


@login_not_required
@never_cache
@require_safe
def show_reset_sent(request: SiteRequest) -> HttpResponse:
    mailing = find_mailing(request.session.get(MAILED_TO, ""))
    return render(request, "account/password_reset_done.html", {"mailing": mailing})


def _key_of_login(login: Login) -> str:
    return key_of_address(login.email or (login.user.email if login.user else ""))
