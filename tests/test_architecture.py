"""Imports run down one list in which every module has its place, and heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent

#: Lowest first: a package imports those before it, and a part of a package the parts before it in its own list.
ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "core": (
        "exceptions", "files", "hosts", "language", "dates", "wording_lint", "forms", "api_errors", "api_parsers",
        "mail",
    ),
    "accounts": (
        "choices", "models", "browsers", "allauth_internals", "limits", "selectors", "session_store", "http", "tokens",
        "credentials", "notices", "decorators", "mailings", "adapters", "sign_on", "sign_on_trial", "forms",
        "middleware", "receivers", "apps", "admin", "views", "urls", "management",
    ),
    "vault": (
        "crypto", "keystore", "models", "authentic", "selectors", "dependants", "journal", "second_factors", "services",
        "tasks", "opened_here", "http", "session", "opening", "rollback", "middleware", "receivers",
        "apps", "forms", "views", "passkey_views", "urls", "management",
    ),
    "emotion": (
        "labels", "choices", "entry_words", "jpeg", "consent_text", "schedule", "resting_face", "ask_first",
        "classifier", "models", "authentic", "selectors", "valkey", "frame_store", "wakeup", "displayed_journal",
        "services", "tasks", "checks", "apps", "api", "views", "templatetags", "urls", "management",
    ),
    "recommender": (
        "choices", "mood", "ranking", "wording", "catalogue", "models", "dashboard", "admin", "apps", "templatetags",
        "management",
    ),
    "rights": (
        "pace", "export_json", "export_csv", "export_pdf", "report_text", "receipts", "selectors",
        "services", "uploads", "apps", "forms", "views", "urls",
    ),
    "wellbeing": (
        "hardening", "restarter", "env", "cache", "settings", "celery", "background", "web_buffers", "web_worker",
        "gunicorn", "wsgi", "checks", "apps", "start_faults", "staticfiles", "messages", "middleware",
        "context_processors", "error_reporting", "health", "pwa", "views", "urls", "management",
    ),
    "research": ("mutants", "lint", "load", "classify", "training", "recommender", "benchmarks", "apps", "management"),
}  # fmt: skip
#: The ideas, in plain Python.
PURE: Final = (
    "core.exceptions", "core.files", "core.hosts", "core.wording_lint", "vault.crypto", "vault.journal.kinds",
    "emotion.labels", "emotion.jpeg", "emotion.consent_text", "emotion.schedule", "emotion.resting_face",
    "emotion.ask_first", "emotion.classifier", "recommender.mood", "recommender.ranking",
    "recommender.dashboard.charts", "rights.archive", "rights.export_json", "rights.export_csv", "rights.export_pdf",
    "rights.receipts", "research.training", "research.recommender",
)  # fmt: skip
#: Of those, what reads settings all the same: it finds the key folder and notices that keys were exchanged.
IMPURE: Final = ("vault.crypto.keys.loader", "vault.crypto.keys.rotation")
#: Marking a text for translation is not Django.
HARMLESS: Final = ("django.utils.translation", "django.utils.functional", "django.utils.formats")
TRAINING: Final = ("tensorflow", "keras", "matplotlib", "sklearn")


def _modules() -> Iterator[tuple[str, Path]]:
    for package in ORDER:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _imports(path: Path) -> Iterator[str]:
    """Whole names: of `from package import module` that of the module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _within(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def _module_of(name: str) -> str:
    """The module a whole name stands in: of a function its file, of a module itself."""
    return name if name in MODULES else name.rpartition(".")[0]


MODULES: Final = dict(_modules())
IMPORTS: Final = {name: frozenset(_imports(path)) for name, path in MODULES.items()}


def _places(name: str) -> tuple[int, int]:
    package, _, rest = name.partition(".")
    part = rest.partition(".")[0]
    return tuple(ORDER).index(package), ORDER[package].index(part) if part else -1


def _find_upward(name: str) -> set[str]:
    ours = {_module_of(found) for found in IMPORTS[name] if found.partition(".")[0] in ORDER}
    return {f"{name} imports {other}" for other in ours if _places(other) > _places(name)}


def _find_importers(of: tuple[str, ...], *, outside: tuple[str, ...]) -> set[str]:
    return {name for name in MODULES if not _within(name, outside) and any(_within(f, of) for f in IMPORTS[name])}


def test_every_module_has_a_place_and_every_place_a_module() -> None:
    parts = {(name.split(".")[0], name.split(".")[1]) for name in MODULES if "." in name}
    assert parts == {(package, part) for package, listed in ORDER.items() for part in listed}


def test_imports_run_downwards() -> None:
    assert set().union(*map(_find_upward, MODULES)) == set()


def test_no_circle_of_files() -> None:
    graph = {name: {_module_of(found) for found in IMPORTS[name]} & MODULES.keys() - {name} for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from error


def test_nobody_imports_the_site() -> None:
    # Tools start the site's processes, and read its settings.
    assert _find_importers(("wellbeing",), outside=("wellbeing", "research")) == set()


def test_only_the_vault_does_cryptography() -> None:
    assert _find_importers(("cryptography",), outside=("vault.crypto",)) == set()


def test_training_libraries_stay_in_research() -> None:
    assert _find_importers(TRAINING, outside=("research",)) == set()


def test_pure_modules_know_no_django() -> None:
    outside = ("django", "rest_framework", "celery", "redis", "allauth")
    assert {
        f"{name} imports {found}"
        for name in MODULES
        if _within(name, PURE) and not _within(name, IMPURE)
        for found in IMPORTS[name]
        if _within(found, outside) and not _within(found, HARMLESS)
    } == set()


def test_allauth_s_own_parts_are_named_in_one_file() -> None:
    named = {name for name in MODULES if any("allauth" in f and ".internal" in f for f in IMPORTS[name])}
    assert named == {"accounts.allauth_internals"}


def _heavy_after(code: str) -> str:
    """Which heavy libraries a process has loaded that ran `code`."""
    names = (*TRAINING, "cv2", "openvino")
    script = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'; import django; django.setup()\n"
        f"{code}\nimport sys; print([name for name in {names} if name in sys.modules])"
    )
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_web_loads_no_heavy_library() -> None:
    assert _heavy_after("from django.urls import get_resolver; get_resolver().url_patterns") == "[]\n"


def test_the_worker_s_parent_loads_no_heavy_library() -> None:
    assert _heavy_after("import emotion.tasks, vault.tasks, wellbeing.celery") == "[]\n"


def test_the_worker_s_parent_loads_no_page() -> None:
    pages = ("emotion.tasks", "vault.tasks", "wellbeing.urls", "recommender.dashboard.views", "recommender.admin")
    code = (
        "import sys; from wellbeing.celery import app; app.loader.import_default_modules(); app.loader.init_worker();"
        f"print([name for name in {pages} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "['emotion.tasks', 'vault.tasks']\n"


def test_the_order_would_notice() -> None:
    assert _places("core.files") < _places("vault.crypto.pages") < _places("vault.views") < _places("emotion.labels")
    assert _module_of("emotion.jpeg.check_jpeg") == "emotion.jpeg"
    assert _module_of("emotion.services.accept") == "emotion.services.accept"
