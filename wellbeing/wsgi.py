"""The web process's entry point."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from wellbeing.hardening import keep_memory_private

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wellbeing.settings")

keep_memory_private()
application = get_wsgi_application()
# Every view is imported now: the first person to ask would wait for it.
get_resolver().url_patterns  # noqa: B018
