"""The mistakes that are made on purpose, and which tests are asked about them."""

from pathlib import Path

import pytest

from research.mutants.mapping import Tree
from research.mutants.mistakes import Mistake, find_mistakes
from research.mutants.report import Result, count_packages, format_table


def changes(source: str) -> set[tuple[str, str]]:
    return {mistake.diff(source.encode()) for mistake in find_mistakes("a.py", source.encode())}


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("a = b < c", "a = b <= c"),
        ("a = b is None", "a = b is not None"),
        ("a = b and c", "a = b or c"),
        ("a = b and (c or d)", "a = (c or d)"),
        ("a = b or c or d", "a = b or d"),
        ("a = not b", "a = b"),
        ("a = days[-b:]", "a = days[b:]"),
        ("a = b + c", "a = b - c"),
        ("a = 21", "a = 22"),
        ("a: Final = 0.5", "a: Final = 1.0"),
        ("a = True", "a = False"),
        ("a = b if c else d", "a = b if not (c) else d"),
        ("a = [b for b in c if b]", "a = [b for b in c if True]"),
        ("locks.filter(vault=vault, slot=1).update(sealed=b)", "locks.filter(slot=1).update(sealed=b)"),
        ("locks.filter(vault=vault, slot=1).update(sealed=b)", "locks.update(sealed=b)"),
        ("a = min(site, own)", "a = own"),
        ("a = abs(b)", "a = b"),
        ("picture.fill(b)", "pass"),
        ("a += b", "pass"),
    ],
)
def test_a_line_can_go_wrong_like_this(line: str, mistake: str) -> None:
    assert (line, mistake) in changes(line)


@pytest.mark.parametrize(
    ("source", "mistake"),
    [
        ("def f(a):\n    if a:\n        return 1\n    return 2\n", ("if a:", "if False:")),
        ("def f(a):\n    return a\n", ("return a", "return None")),
        ("@transaction.atomic\ndef f(a):\n    g(a)\n", ("@transaction.atomic", "")),
        ("try:\n    f()\nexcept E:\n    g()\n", ("g()", "raise")),
        ("for a in b:\n    continue\n", ("continue", "break")),
        ("if a:\n    raise E\n", ("raise E", "pass")),
    ],
)
def test_several_lines_can_go_wrong_like_this(source: str, mistake: tuple[str, str]) -> None:
    assert mistake in changes(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""Words."""\n',
        "logger.info(a)\n",
        "if a:\n    logger.info(a)\n",
        "users.select_for_update().get(pk=a)\n",
        "a = f'{b + c}'\n",
        "def f(a: int | None) -> int | None: ...\n",
        "@dataclass(frozen=True)\nclass A: ...\n",
        "if TYPE_CHECKING:\n    import a\n",
    ],
)
def test_words_types_and_shapes_are_left_alone(source: str) -> None:
    assert changes(source) == set()


def test_a_mistake_knows_where_it_is() -> None:
    source = "class A:\n    def é(self):\n        ü, self.a = 'é', self.b(1)\n".encode()
    (mistake,) = find_mistakes("a.py", source)
    assert (mistake.function, mistake.line, mistake.kind) == ("A.é", 3, "constant")
    assert mistake.diff(source) == ("ü, self.a = 'é', self.b(1)", "ü, self.a = 'é', self.b(2)")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    files = {
        "app/__init__.py": "",
        "app/seals/__init__.py": "from app.seals.wax import seal\n",
        "app/seals/wax.py": "def seal(): ...\n",
        "app/letters.py": "from app.seals import seal\n",
        "app/post.py": "import app.letters\n",
        "app/far.py": "import app.post\n",
        "tests/test_direct.py": "def test():\n    from app.seals import seal\n",
        "tests/test_letters.py": "from app import letters\n",
        "tests/test_post.py": "from app.post import a\n",
        "tests/test_far.py": "from app.far import a\n",
        "tests/app/test_wax.py": "from urllib import request\n",
        "tests/other/test_wax.py": "",
        "tests/slow/test_direct.py": "from app.seals.wax import seal\n",
        "tests/app/seals/test_wire.py": "from app.seals import seal\n",
        "tests/app/test_wire.py": "from app.seals import seal\n",
        "tests/seals/test_wire.py": "from app.seals import seal\n",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Tree(tmp_path, ["app", "tests"])


def test_tests_named_after_a_module_come_first_and_importers_by_how_near_they_are_then_by_folder(tree: Tree) -> None:
    assert tree.find_tests("app/seals/wax.py", leave_out=["tests/slow/*"]) == [
        "tests/app/test_wax.py",
        "tests/app/seals/test_wire.py",
        "tests/app/test_wire.py",
        "tests/seals/test_wire.py",
        "tests/test_direct.py",
        "tests/test_letters.py",
        "tests/test_post.py",
    ]


def test_the_share_leaves_equivalent_mistakes_out_and_survivors_are_shown_as_changes() -> None:
    mistake = Mistake("app/a.py", "f", 7, "constant", 0, 1, b"")
    outcomes = ["caught", "timed out", "survived", "equivalent"]
    results = [Result("app", mistake, f"old {outcome}", "new", outcome, "", ()) for outcome in outcomes]
    counts = count_packages(results)
    assert counts["app"].share == pytest.approx(2 / 3)
    table = format_table(counts, results)
    assert "66.7%" in table
    assert table.endswith("app/a.py:7 f\n  - old survived\n  + new\n")
