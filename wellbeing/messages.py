"""What the next page is to say of what was done on this one."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


class BrowserMessages(CookieStorage):
    """It waits in the browser: the row of a session is not sealed, and databases keep what was written there."""

    cookie_name = "__Host-messages" if settings.HTTPS else "messages"
