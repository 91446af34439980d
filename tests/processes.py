"""A module of the tests run as a process of its own, on a database of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).parent.parent


@contextmanager
def fresh_database() -> Iterator[str | None]:
    """The URL of a new PostgreSQL database where the tests run on PostgreSQL, else None: SQLite in a file."""
    cluster = os.environ.get("WELLBEING_TEST_DATABASE_URL")
    if cluster is None:
        yield None
        return
    import psycopg

    name = f"fresh_{uuid4().hex[:8]}"
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield cluster.rpartition("/")[0] + f"/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run_module(module: str, *arguments: str, data_dir: Path) -> Any:
    """What the module printed, read as JSON."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    given = {"WELLBEING_DATA_DIR": str(data_dir), "WELLBEING_ENV_FILE": os.devnull, "WELLBEING_LOG_LEVEL": "CRITICAL"}
    with fresh_database() as url:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT, env=kept | given | ({"WELLBEING_DATABASE_URL": url} if url else {}),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
