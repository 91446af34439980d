"""A throw-away PostgreSQL cluster for one test run: `python -m pytest -p tests.postgresql ...`."""

import atexit
import os

import pytest

# Importing the site names its own settings, unless these are named first.
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

from research.load.postgresql import UNSAFE_BUT_QUICK, Cluster, find_programs

_VARIABLE = "WELLBEING_TEST_DATABASE_URL"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start the cluster before Django reads its settings; the workers of a parallel run inherit its address."""
    if _VARIABLE in os.environ:
        return
    if find_programs() is None:
        pytest.exit("PostgreSQL is not installed here, so the database tests ran on SQLite alone.", returncode=0)
    os.environ[_VARIABLE] = start_cluster()


def start_cluster() -> str:
    """The URL of a fresh cluster that stops and vanishes when this process ends."""
    cluster = Cluster(*UNSAFE_BUT_QUICK)
    cluster.start()
    atexit.register(cluster.destroy)
    return cluster.url()
