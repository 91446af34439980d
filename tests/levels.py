"""Which tests need what: each is `unit`, `integration` or `e2e`, by what it asks for and not by a list of names.

`--unit` collects no folder whose tests need a browser, a running site or tensorflow, which need not be installed then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

#: Folders and files that only the development environment can import.
NOT_UNIT: Final = {"browser", "chaos", "e2e", "proof", "research", "stack", "training", "test_api_fuzz.py"}
#: Fixtures with a server behind them: the database, Valkey, the site itself.
SERVERS: Final = {"db", "transactional_db", "valkey", "valkey_server", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--unit", action="store_true", help="unit tests alone, importing nothing else")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if config.getoption("unit") and collection_path.name in NOT_UNIT else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(level_of(item))
    if config.getoption("unit"):
        others = [item for item in items if not item.get_closest_marker("unit")]
        items[:] = [item for item in items if item.get_closest_marker("unit")]
        config.hook.pytest_deselected(items=others)


def level_of(item: pytest.Item) -> str:
    if item.get_closest_marker("browser") or item.get_closest_marker("stack"):
        return "e2e"
    fixtures = set(getattr(item, "fixturenames", ()))
    slow = item.get_closest_marker("slow") or item.get_closest_marker("django_db")
    return "integration" if slow or fixtures & SERVERS else "unit"
