"""Celery's processes with points to die at: `python -m tests.chaos.worker worker|beat`."""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.chaos.settings"

import django

django.setup()

# ruff: noqa: E402 -- after the settings
from tests.chaos.faults import arm_worker
from wellbeing.background import main

if __name__ == "__main__":
    arm_worker()
    sys.exit(main())
