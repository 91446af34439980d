"""One-line mistakes that a source file has room for, found in its syntax tree and made in its bytes."""

import ast
import difflib
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
_COMPUTED: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
_QUERIES = {"filter", "exclude", "get", "update", "create", "get_or_create", "update_or_create"}
_TUNED = _QUERIES | {"sorted", "min", "max", "sum", "zip", "round", "sort", "enumerate"}
#: Links of a query that can be left out. `select_for_update` is none of them: SQLite has no such lock to miss.
_LINKS = {"filter", "exclude", "order_by", "distinct", "reverse", "strip", "lower"}
#: Calls that can be left out around their argument.
_WRAPPERS = {"abs", "sorted", "round", "min", "max"}
#: Without these the code is another shape, not a wrong one; or nothing but speed and messages changes.
_SHAPES = {"dataclass", "property", "contextmanager", "classmethod", "staticmethod", "overload", "wraps", "cache"}
_LOGS = {"logger", "log", "warnings"}
_Placed = ast.expr | ast.stmt | ast.keyword


@dataclass(frozen=True, slots=True)
class Mistake:
    """Bytes `start` to `end` of the file at `path` become `text`. `line` is 1-based; `function` is dotted, or ""."""

    path: str
    function: str
    line: int
    kind: str
    start: int
    end: int
    text: bytes

    def make(self, source: bytes) -> bytes:
        return source[: self.start] + self.text + source[self.end :]

    def diff(self, source: bytes) -> tuple[str, str]:
        """The lines that go and those that come, each joined by one space, without indentation."""
        before, after = source.decode().splitlines(), self.make(source).decode().splitlines()
        gone, come = [], []
        for tag, first, last, new_first, new_last in difflib.SequenceMatcher(
            None, before, after, autojunk=False
        ).get_opcodes():
            if tag != "equal":
                gone += [line.strip() for line in before[first:last]]
                come += [line.strip() for line in after[new_first:new_last]]
        return " ".join(gone), " ".join(come)


def find_mistakes(path: str, source: bytes) -> list[Mistake]:
    """All that compile and differ from `source`, in the order of the file."""
    finder = _Finder(path, source)
    finder.visit(tree := ast.parse(source))
    plain = ast.dump(tree)
    return sorted(
        {mistake for mistake in finder.found if _compiles_otherwise(mistake.make(source), plain)},
        key=lambda mistake: (mistake.start, mistake.end, mistake.text),
    )


def _compiles_otherwise(source: bytes, plain: str) -> bool:
    try:
        compile(source, "mistake", "exec")
    except SyntaxError:
        return False
    return ast.dump(ast.parse(source)) != plain


class _Finder(ast.NodeVisitor):
    def __init__(self, path: str, source: bytes) -> None:
        self.found: list[Mistake] = []
        self._path = path
        self._source = source
        self._scope: list[str] = []
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def _span(self, node: _Placed) -> tuple[int, int]:
        first, last = self._lines[node.lineno - 1], self._lines[(node.end_lineno or node.lineno) - 1]
        return first + node.col_offset, last + (node.end_col_offset or 0)

    def _text(self, node: _Placed) -> bytes:
        start, end = self._span(node)
        return self._source[start:end]

    def _note(self, kind: str, start: int, end: int, text: bytes) -> None:
        line = self._source.count(b"\n", 0, start) + 1
        self.found.append(Mistake(self._path, ".".join(self._scope), line, kind, start, end, text))

    def _replace(self, kind: str, node: _Placed, text: bytes) -> None:
        self._note(kind, *self._span(node), text)

    def _swap_between(self, kind: str, left: ast.expr, right: ast.expr, words: tuple[str, str]) -> None:
        start, end = self._span(left)[1], self._span(right)[0]
        between = self._source[start:end]
        self._note(kind, start, end, between.replace(words[0].encode(), words[1].encode(), 1))

    def _drop_item(self, kind: str, node: _Placed) -> None:
        """With the comma behind it, if there is one."""
        start, end = self._span(node)
        behind = self._source[end:].lstrip()
        if behind.startswith(b","):
            end = self._source.index(b",", end) + 1
            end += len(self._source[end:]) - len(self._source[end:].lstrip(b" "))
        self._note(kind, start, end, b"")

    def _enter(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        self._scope.append(node.name)
        for decorator in node.decorator_list:
            if _name_of(decorator) not in _SHAPES:
                start, end = self._span(decorator)
                self._note("decorator", self._source.rindex(b"@", 0, start), end, b"")
        default = [] if isinstance(node, ast.ClassDef) else [*node.args.defaults, *node.args.kw_defaults]
        for child in [*default, *node.body]:
            if child is not None:
                self.visit(child)
        self._scope.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._enter(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._enter(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Python 3.11 does not say where in the file the parts are."""

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
            self._swap_between("comparison", left, right, _COMPARED[type(operator)])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        words = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._swap_between("and/or", left, right, words)
        texts = [self._operand(value) for value in node.values]
        for index in range(len(texts)):
            others = texts[:index] + texts[index + 1 :]
            self._replace("condition", node, f" {words[0]} ".encode().join(others))
        self.generic_visit(node)

    def _operand(self, node: ast.expr) -> bytes:
        text = self._text(node)
        return b"(" + text + b")" if isinstance(node, (ast.BoolOp, ast.IfExp, ast.NamedExpr)) else text

    def visit_BinOp(self, node: ast.BinOp) -> None:
        words = _COMPUTED.get(type(node.op))
        if words and not any(isinstance(side, (ast.JoinedStr, ast.List)) for side in (node.left, node.right)):
            self._swap_between("arithmetic", node.left, node.right, words)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, (ast.Not, ast.USub)):
            self._replace("sign", node, self._text(node.operand))
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        if _name_of(node.test) != "TYPE_CHECKING" and not all(_is_log(statement) for statement in node.body):
            self._negate(node.test)
            if not node.orelse and isinstance(node.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break)):
                self._replace("guard", node.test, b"False")
            self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._replace("condition", test, b"True")
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        self._replace("negation", test, b"not (" + self._text(test) + b")")

    def visit_Call(self, node: ast.Call) -> None:
        name = _name_of(node.func)
        if name in _TUNED:
            for keyword in node.keywords:
                self._drop_item("argument", keyword)
        if isinstance(node.func, ast.Attribute) and name in _LINKS:
            self._replace("link", node, self._text(node.func.value))
        if isinstance(node.func, ast.Name) and name in _WRAPPERS:
            for argument in node.args:
                self._replace("wrapper", node, self._text(argument))
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if _is_log(node) or _is_lock(node):
            return
        if isinstance(node.value, ast.Call):
            self._replace("statement", node, b"pass")
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._replace("statement", node, b"pass")
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        self._replace("statement", node, b"pass")

    def visit_Raise(self, node: ast.Raise) -> None:
        """The words of an exception are not looked at, only whether it comes."""
        self._replace("statement", node, b"pass")

    def visit_Continue(self, node: ast.Continue) -> None:
        self._replace("loop", node, b"break")

    def visit_Break(self, node: ast.Break) -> None:
        self._replace("loop", node, b"pass")

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self._replace("return", node.value, b"None")
            self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if not isinstance(node.body[0], ast.Raise):
            self._replace("handler", node.body[0], b"raise")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._replace("constant", node, str(not value).encode())
        elif isinstance(value, int):
            self._replace("constant", node, str(value + 1).encode())
        elif isinstance(value, float):
            self._replace("constant", node, str(value * 2 if value else 1.0).encode())
        elif isinstance(value, bytes) and value:
            self._replace("constant", node, b"b'another'")


def _name_of(node: ast.expr) -> str:
    """The last part of a dotted name, of what is called too: `atomic` of `@transaction.atomic()`."""
    if isinstance(node, ast.Call):
        return _name_of(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_log(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and _name_of(node.value.func.value) in _LOGS
    )


def _is_lock(node: ast.Expr) -> bool:
    """A query for the sake of the rows it holds."""
    return any(isinstance(part, ast.Attribute) and part.attr == "select_for_update" for part in ast.walk(node))
