"""The site's WSGI application with points to die at; for gunicorn, with `--preload` so that a new child is quick."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.chaos.settings"

from tests.chaos.faults import arm_web
from wellbeing.wsgi import application

arm_web()

__all__ = ["application"]
