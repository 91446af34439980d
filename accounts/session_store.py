"""The session engine: each row knows its person, ends after idle time or a long day, and can be ended from elsewhere.

`settings.SESSION_ENGINE` names this module. A vault held open lives in the row and ends with it.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.browsers import name_browser
from accounts.models import Session, User

_STARTED, _BROWSER, _IDLE = "started", "browser", "idle"
# Written at most this often, so that a page load is not always a write.
_TOUCH_AFTER = timedelta(seconds=60)


class SessionStore(DatabaseStore):
    used_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast("Session", super().create_model_instance(data))
        row.user_id = int(data["_auth_user_id"]) if "_auth_user_id" in data else None
        row.browser = data.get(_BROWSER, "")
        row.started_at = datetime.fromtimestamp(data.get(_STARTED, time.time()), tz=UTC)
        return row

    def get_session_cookie_age(self) -> int:
        """Seconds until the row ends: the idle time, but never past the longest life counted from the sign-in."""
        left = self.get(_STARTED, time.time()) + settings.SESSION_COOKIE_AGE - time.time()
        return int(min(self.get(_IDLE, settings.SESSION_IDLE_SECONDS), left))

    def touch(self) -> None:
        """Start the idle time anew, in the row alone: nothing another request has just written is put back."""
        now = timezone.now()
        if self.session_key and self.used_at and now - self.used_at > _TOUCH_AFTER:
            Session.objects.filter(pk=self.session_key).update(used_at=now, expire_date=self.get_expiry_date())

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()  # type: ignore[misc]
        self.used_at = row.used_at if row else None
        return row


def start_session(request: HttpRequest, user: User) -> None:
    """Note in the session of somebody who just signed in when that was and with which browser."""
    idle = settings.STAFF_IDLE_SECONDS if user.is_staff else settings.SESSION_IDLE_SECONDS
    request.session[_STARTED] = time.time()
    request.session[_BROWSER] = name_browser(request.headers.get("User-Agent", ""))
    request.session[_IDLE] = min(idle, settings.SESSION_IDLE_SECONDS)


def live_sessions(user: User) -> list[Session]:
    """The person's signed-in browsers, the one used last first."""
    return list(Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-used_at"))


def end_session(user: User, handle: str) -> bool:
    """End the one session of `user` with this `handle_of`, and the vault it holds open; False when there is none."""
    keys = [row.pk for row in live_sessions(user) if handle_of(row) == handle]
    return bool(Session.objects.filter(pk__in=keys, user=user).delete()[0])


def end_other_sessions(user: User, keep: str | None) -> int:
    """End all sessions of `user` but the one with the key `keep`. Returns how many there were."""
    return Session.objects.filter(user=user).exclude(pk=keep).delete()[0]


def handle_of(row: Session) -> str:
    """What a page may name a session by: the key itself would let its reader take the session over."""
    return salted_hmac("wellbeing.session", row.session_key, algorithm="sha256").hexdigest()[:32]


def clear_expired() -> None:
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
