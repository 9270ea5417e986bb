"""What the rules ask of Python files: each file is read, parsed and walked once, however many rules there are."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass
class Source:
    """The facts about one file; pairs begin with the line unless they say otherwise."""

    lines: int = 0
    docstring: str | None = None
    # The module, the names taken from it, and whether for type checking only.
    imports: list[tuple[str, tuple[str, ...], bool]] = field(default_factory=list)
    # Every piece of text; `wholes` are those that no f-string is made of, and f-strings without what is filled in.
    texts: list[tuple[int, str]] = field(default_factory=list)
    wholes: list[tuple[int, str]] = field(default_factory=list)
    # Methods that are called, as `commit` in `tx.commit()`.
    called: list[tuple[int, str]] = field(default_factory=list)
    # (name, lines): functions with a decorator, and how many lines they have after their docstring.
    decorated: list[tuple[str, int]] = field(default_factory=list)
    # (name, expression), as in `connection._transport`: attributes with an underscore of others than the object itself.
    inside: list[tuple[str, str]] = field(default_factory=list)


def source(path: Path) -> Source:
    """The facts about a file as it is now."""
    return source_of(path.read_text(encoding="utf-8"))


@cache
def source_of(code: str) -> Source:
    tree = ast.parse(code)
    found = Source(lines=len(code.splitlines()), docstring=ast.get_docstring(tree))
    for node, for_types, part in _walk(tree, for_types=False, part=False):
        if isinstance(node, ast.Import):
            found.imports += [(alias.name, (), for_types) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.imports.append((node.module, tuple(alias.name for alias in node.names), for_types))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.texts.append((node.lineno, node.value))
            if not part:
                found.wholes.append((node.lineno, node.value))
        elif isinstance(node, ast.JoinedStr):
            found.wholes.append((node.lineno, _text_of(node)))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.called.append((node.lineno, node.func.attr))
        elif isinstance(node, ast.FunctionDef) and node.decorator_list:
            found.decorated.append((node.name, _lines_of_body(node)))
        elif isinstance(node, ast.Attribute) and _reaches_inside(node):
            found.inside.append((node.attr, ast.unparse(node)))
    return found


def _walk(node: ast.AST, *, for_types: bool, part: bool) -> Iterator[tuple[ast.AST, bool, bool]]:
    """Every node, whether it is there for type checking only, and whether it is a piece of an f-string."""
    waiting = [(node, for_types, part)]
    while waiting:
        node, for_types, part = waiting.pop()
        yield node, for_types, part
        inner = for_types or (
            isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        )
        part = isinstance(node, ast.JoinedStr)
        waiting += [(child, inner, part) for child in ast.iter_child_nodes(node)]


def _reaches_inside(node: ast.Attribute) -> bool:
    of_itself = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
    return node.attr.startswith("_") and not node.attr.startswith("__") and not of_itself


def _text_of(node: ast.JoinedStr) -> str:
    return "".join(
        part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def _lines_of_body(method: ast.FunctionDef) -> int:
    body = method.body[1:] if ast.get_docstring(method) else method.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
