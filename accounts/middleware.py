"""Who is there, and who must prove a little more to go on."""

from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from accounts.adapters import has_second_factor
from accounts.browsers import knows_browser, remember_browser
from accounts.decorators import page_of, way_to_reauthenticate
from accounts.http import CLEAR_PAGES, SiteRequest, signed_in
from accounts.models import User


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page asks who is there, and leads back; after a form that came too late, to the page it stood on."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        # Not sent by a script, but by a person who pressed a button; htmx sends for one.
        is_navigation = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        if request.method == "POST" and (is_navigation or "HX-Request" in request.headers):
            messages.info(request, _("You were signed out meanwhile. Please sign in, then send it once more."))
        return redirect_to_login(page_of(request), self.get_login_url(view_func))


class SessionTouchMiddleware(MiddlewareMixin):
    """Whoever uses the site is not signed out for being idle.

    What an open page, or a browser ahead of its person, asks for by itself is no use of it, nor, for administrators,
    what a page sends by itself.
    """

    def process_request(self, request: SiteRequest) -> None:
        by_script = request.path.startswith("/api/")
        is_ahead = "Sec-Purpose" in request.headers
        is_used = (not by_script and not is_ahead) or (request.method == "POST" and not _is_staff(request))
        if request.user.is_authenticated and is_used:
            request.session.touch()


class SessionMarksMiddleware(MiddlewareMixin):
    """The browser of somebody who is signed in is known the next time; signed out, it forgets the pages it kept."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and user.is_authenticated and not knows_browser(request, user):
            remember_browser(request, response, user)
        if getattr(request, "is_signed_out", False):
            response["Clear-Site-Data"] = CLEAR_PAGES
        return response


class ReauthenticationMiddleware(MiddlewareMixin):
    """Ask again who is there, and never write what was posted into the session, as allauth would: it may be a secret.

    Stands after allauth's own middleware, so that it is asked first.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ReauthenticationRequired):
            return None
        if request.method == "POST":
            messages.info(request, _("Please confirm that it is you, then send the form once more."))
        return redirect(way_to_reauthenticate(request))


class StaffSecondFactorMiddleware(MiddlewareMixin):
    """No administration page before the administrator has a second factor."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        is_administration = request.path.startswith(reverse("admin:index"))
        if not (is_administration and _is_staff(request)) or has_second_factor(signed_in(request)):
            return None
        messages.warning(request, _("Administration needs a second step at sign-in. Please set one up first."))
        return redirect("mfa_index")


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_staff
