"""Which browser somebody uses, told roughly, and whether they have signed in with it before."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

# Browsers forget cookies older than this (RFC 6265bis).
_REMEMBER_SECONDS: Final = 400 * 24 * 60 * 60
_REMEMBERED_PEOPLE: Final = 5
# The first that fits: most browsers also claim to be those further down.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def knows_browser(request: HttpRequest, user: User) -> bool:
    """Whether `user` has signed in with this browser, and nothing has ended what was given out since."""
    return any(constant_time_compare(mark, mark_of(user)) for mark in _marks(request))


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Leave a mark of `user` in the browser. Nobody who reads the cookie learns from it who that was."""
    own = mark_of(user)
    marks = [own, *(mark for mark in _marks(request) if mark != own)][:_REMEMBERED_PEOPLE]
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        ".".join(marks),
        max_age=_REMEMBER_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def name_browser(user_agent: str) -> str:
    """Such as "Firefox on Linux"; no version, so that it marks nobody out."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def mark_of(user: User) -> str:
    """Another one with each password and each generation of the account."""
    about = f"{user.pk}:{user.get_session_auth_hash()}"
    return salted_hmac("wellbeing.browser", about, algorithm="sha256").hexdigest()[:32]


def _marks(request: HttpRequest) -> list[str]:
    return [mark for mark in request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "").split(".") if mark]
