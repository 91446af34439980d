"""The Celery application with points to die at: `celery -A tests.chaos.worker`."""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.chaos.settings"

import django

django.setup()

# ruff: noqa: E402 -- after the settings
from tests.chaos.faults import arm_worker
from wellbeing.celery import app

arm_worker()

__all__ = ["app"]
