"""Processes that have imported what is dear once, and ask the tests about one mistake after another in forks of
themselves.

Each owns a copy of the tree. A mistake is written into the copy, so that programs which a test starts make it too, and
taken out again afterwards. Bytecode is checked by hash and never written by a fork: a mistake within the same second
and of the same length is not missed. Databases are migrated once and copied.
"""

import atexit
import compileall
import importlib
import os
import py_compile
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

#: Third-party code alone: what belongs to the tree must be imported with the mistake in it.
_HEAVY = (
    "django.contrib.admin.sites",
    "django.contrib.auth.hashers",
    "django.core.management",
    "django.db.backends.sqlite3.base",
    "django.forms",
    "django.template.backends.django",
    "django.test",
    "django.views.generic",
    "celery.app",
    "cryptography.hazmat.primitives.ciphers.aead",
    "hypothesis",
    "kombu.transport",
    "numpy",
    "redis",
    "zxcvbn",
)
#: What a test process says with its exit status (pytest.ExitCode): all passed; nothing to run.
_PASSED, _NOTHING = 0, 5
#: An endless loop is ended by the processor time it took, what waits in vain by the clock: so many times as late.
_PATIENCE = 5
_KEPT_OUT = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache", ".hypothesis", "node_modules")


def copy_tree(root: Path, target: Path) -> None:
    """Without history, environments, and the data of a site that runs here."""

    def keep_out(folder: str, names: list[str]) -> set[str]:
        return _KEPT_OUT(folder, names) | ({"data"} if Path(folder) == root else set())

    shutil.copytree(root, target, ignore=keep_out, symlinks=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """`outcome`: passed, failed, timed out or nothing to run; `by`: the first test that failed, or the error."""

    outcome: str
    by: str


def warm_up(root: Path, markers: str, budget: float) -> None:
    """Make this process ready: a copy of the tree, heavy imports, and the first databases.

    A pool calls it once for each of its processes. Tests of a mistake end when they took `budget` processor seconds.
    """
    global _warm
    sys.dont_write_bytecode = True
    _warm = _Warm(root, markers, budget)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    for name in _HEAVY:
        importlib.import_module(name)


def ask(path: str | None, source: bytes, tests: Sequence[str], without: Collection[str] = ()) -> Answer:
    """Run `tests` but those `without`, in their order, up to the first that fails.

    With `source` in the file at `path`, or with the tree as it is.
    """
    return _warm.ask(path, source, [*tests, *(f"--deselect={test}" for test in without)])


class _Warm:
    def __init__(self, root: Path, markers: str, budget: float) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mutants-"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        self._tree = self._folder / "tree"
        self._databases = self._folder / "databases"
        self._databases.mkdir()
        self._markers = markers
        self._budget = budget
        copy_tree(root, self._tree)
        before = os.getcwd()
        sys.path[:] = [str(self._tree), *(entry for entry in sys.path if entry not in {"", before})]
        os.chdir(self._tree)
        compileall.compile_dir(
            self._tree, quiet=2, force=True, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
        )

    def ask(self, path: str | None, source: bytes, tests: Sequence[str]) -> Answer:
        scratch = Path(tempfile.mkdtemp(prefix="m", dir=self._folder))
        try:
            with self._changed(path, source):
                return self._run(tests, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    @contextmanager
    def _changed(self, path: str | None, source: bytes) -> Iterator[None]:
        if path is None:
            yield
            return
        file = self._tree / path
        right = file.read_bytes()
        file.write_bytes(source)
        try:
            yield
        finally:
            file.write_bytes(right)

    def _run(self, tests: Sequence[str], scratch: Path) -> Answer:
        child = os.fork()
        if child == 0:
            self._be_the_tests(tests, scratch)
        status = _wait(child, time.monotonic() + _PATIENCE * (60 + self._budget))
        if status == -signal.SIGXCPU:
            return Answer("timed out", "")
        outcome = {_PASSED: "passed", _NOTHING: "nothing to run"}.get(status, "failed")
        return Answer(outcome, _first_failure(scratch / "said") if outcome == "failed" else "")

    def _be_the_tests(self, tests: Sequence[str], scratch: Path) -> None:
        """In the fork; never returns."""
        code = 1
        try:
            os.setsid()
            longest = int(2 * self._budget + 60)
            resource.setrlimit(resource.RLIMIT_CPU, (longest, longest + 10))
            os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
            said = os.open(scratch / "said", os.O_WRONLY | os.O_CREAT)
            for stream in (1, 2):
                os.dup2(said, stream)
            options = ["-x", "-q", "-rfE", "--tb=no", "--reuse-db", "-p", "no:cacheprovider", "-m", self._markers]
            warnings = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
            code = int(
                pytest.main([*options, *warnings, *tests], plugins=[_Databases(self._databases), _Budget(self._budget)])
            )
        finally:
            sys.stdout.flush()
            os._exit(code)


_warm: _Warm


class _Databases:
    """Puts migrated databases in place before Django makes its own, and keeps the first ones it made."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        if fixturedef.argname != "django_db_setup":
            return (yield)
        from django.db import connections  # noqa: PLC0415 -- the settings are the fork's own

        files = {alias: Path(str(connections[alias].settings_dict["TEST"]["NAME"])) for alias in connections}
        for alias, file in files.items():
            if (self._kept / alias).exists():
                shutil.copy(self._kept / alias, file)
        result = yield
        for alias, file in files.items():
            if file.exists() and not (self._kept / alias).exists():
                connections[alias].close()
                shutil.copy(file, self._kept / alias)
        return result


class _Budget:
    """Ends a session after the test with which it has used up its time; what passed until then has passed."""

    def __init__(self, seconds: float) -> None:
        self._until = time.process_time() + seconds

    def pytest_runtest_logfinish(self) -> None:
        if time.process_time() > self._until:
            pytest.exit("time is used up", returncode=_PASSED)


def _wait(child: int, until: float) -> int:
    """The exit status of `child`, that of one that took too long if it is not done by then. All it started is ended."""
    done = 0
    while not done and time.monotonic() < until:
        time.sleep(0.05)
        done, status = os.waitpid(child, os.WNOHANG)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if done:
        return os.waitstatus_to_exitcode(status)
    os.waitpid(child, 0)
    return -signal.SIGXCPU


def _first_failure(said: Path) -> str:
    text = said.read_text(errors="replace")
    found = re.search(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", text, re.MULTILINE)
    return found.group(1) if found else text.strip().rpartition("\n")[2][:200]
