"""Which test files ask after a module: those named after it first, then those that import it, nearest first."""

import ast
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from functools import cached_property
from itertools import takewhile
from pathlib import Path

#: Further away than this a test is about something else.
_FURTHEST = 2


class Tree:
    """The Python files under `root` (paths are relative to it) and who imports whom."""

    def __init__(self, root: Path, packages: Iterable[str]) -> None:
        files = [file for package in packages for file in sorted((root / package).rglob("*.py"))]
        self._paths = {_module_name(file.relative_to(root)): file.relative_to(root).as_posix() for file in files}
        self._trees = {name: ast.parse((root / path).read_bytes()) for name, path in self._paths.items()}

    def find_tests(self, path: str, *, leave_out: Iterable[str]) -> list[str]:
        """Test files for the module at `path`, nearest first, of equally near ones those of its own folder."""
        own = f"test_{Path(path).stem}.py"
        distances = self._distances(_module_name(Path(path)))
        found = {
            test: -1 if Path(test).name == own and _resemble(path, test) else distances.get(name, _FURTHEST + 1)
            for name, test in self._paths.items()
            if Path(test).name.startswith("test_") and not any(fnmatch(test, pattern) for pattern in leave_out)
        }
        near = (test for test in found if found[test] <= _FURTHEST)
        return sorted(near, key=lambda test: (found[test], -_shared_folders(path, test), test))

    def _distances(self, target: str) -> Mapping[str, int]:
        """0 for who imports `target` itself, one more for who imports those."""
        distances: dict[str, int] = {}
        ahead = deque([(target, -1)])
        while ahead:
            name, distance = ahead.popleft()
            for user in self._users.get(name, ()):
                if user not in distances and distance < _FURTHEST:
                    distances[user] = distance + 1
                    ahead.append((user, distance + 1))
        return distances

    @cached_property
    def _users(self) -> Mapping[str, set[str]]:
        users: dict[str, set[str]] = {}
        for name, tree in self._trees.items():
            for imported in self._imports(tree):
                users.setdefault(imported, set()).add(name)
        return users

    def _imports(self, tree: ast.Module) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (self._home_of(node.module, alias.name) for alias in node.names)

    def _home_of(self, module: str, name: str) -> str:
        """Where a name comes from that a package may only hand on."""
        if f"{module}.{name}" in self._trees:
            return f"{module}.{name}"
        if module in self._trees and self._paths[module].endswith("__init__.py"):
            for node in self._trees[module].body:
                if isinstance(node, ast.ImportFrom) and node.module and name in {alias.name for alias in node.names}:
                    return self._home_of(node.module, name)
        return module


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _resemble(path: str, test: str) -> bool:
    """Whether the test lies in a folder of tests for the package of `path`: emotion/api/views.py, tests/emotion/api."""
    return Path(path).parts[0] in Path(test).parts


def _shared_folders(path: str, test: str) -> int:
    """How deep the two lie in the same folders, below tests/ for the test."""
    pairs = zip(Path(path).parent.parts, Path(test).parent.parts[1:], strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
