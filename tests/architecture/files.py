"""What the house rules say of files; pure, so that a test can show each rule failing."""

import ast
from pathlib import Path

# Services whose package is laid out by topic (topics.py).
BY_TOPIC = ("accounts", "review", "notify", "content", "helpdesk")
LONGEST_FILE = 400
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "impl"}


def modules(package: Path) -> list[Path]:
    return [path for path in sorted(package.rglob("*.py")) if "__pycache__" not in path.parts]


def without_a_sentence(package: Path) -> list[str]:
    """Modules that do not say what belongs in them."""
    return [
        str(path)
        for path in modules(package)
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]


def badly_named(package: Path) -> list[str]:
    return [str(path) for path in modules(package) if path.stem in BANNED_NAMES]


def commits_outside_the_chassis(package: Path) -> list[str]:
    """Calls of `.commit()`: one endpoint call is one transaction, and only the chassis commits."""
    found = []
    for path in modules(package):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("commit", "rollback")
            ):
                found.append(f"{path.name}:{node.lineno}")
    return found


def rows_taken_in_a_subquery(package: Path) -> list[str]:
    """SQL that takes the next rows with SKIP LOCKED inside another statement's join.

    The planner may run such a subquery once for each row of the other side, and each run takes further rows. It has to
    be a `WITH … AS MATERIALIZED (…)`, or an `ARRAY (SELECT …)`, both of which run once.
    """
    found = []
    for path in modules(package):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and id(node) not in parts):
                text = _text_of(node)
                if "SKIP LOCKED)" in text and not ("AS MATERIALIZED (" in text or "ARRAY (SELECT" in text):
                    found.append(f"{path.name}:{node.lineno}")
    return found


def _text_of(node: ast.JoinedStr | ast.Constant) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(
        part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
