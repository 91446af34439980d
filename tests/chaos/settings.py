"""The real settings with shorter waits, so that what takes minutes in production takes seconds here."""

from wellbeing.env import read_int
from wellbeing.settings import *  # noqa: F403
from wellbeing.settings import CELERY_BEAT_SCHEDULE, CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES

CELERY_TASK_SOFT_TIME_LIMIT = 6
CELERY_TASK_TIME_LIMIT = 8
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, "visibility_timeout": 20}
_SWEEP = "emotion.tasks.sweep_captures"
CELERY_BEAT_SCHEDULE = CELERY_BEAT_SCHEDULE | {_SWEEP: {"task": _SWEEP, "schedule": 3.0, "options": {"expires": 3}}}
FRAME_TTL_SECONDS = read_int("WELLBEING_CHAOS_FRAME_TTL", 15 * 60, low=5, high=15 * 60)
for _database in DATABASES.values():
    if "sqlite3" in _database["ENGINE"]:
        _database["OPTIONS"] = {**_database["OPTIONS"], "timeout": 3}
    else:
        _database["OPTIONS"] = {"options": "-c lock_timeout=3s"}
