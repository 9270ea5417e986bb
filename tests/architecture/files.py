"""What the house rules say of files; pure, so that a test can show each rule failing."""

from pathlib import Path

from .reading import source

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
        if path.read_text(encoding="utf-8").strip() and not source(path).docstring
    ]


def badly_named(package: Path) -> list[str]:
    return [str(path) for path in modules(package) if path.stem in BANNED_NAMES]


def commits_outside_the_chassis(package: Path) -> list[str]:
    """Calls of `.commit()`: one endpoint call is one transaction, and only the chassis commits."""
    return [
        f"{path.name}:{line}"
        for path in modules(package)
        for line, name in source(path).called
        if name in ("commit", "rollback")
    ]


def rows_taken_in_a_subquery(package: Path) -> list[str]:
    """SQL that takes the next rows with SKIP LOCKED inside another statement's join.

    The planner may run such a subquery once for each row of the other side, and each run takes further rows. It has to
    be a `WITH … AS MATERIALIZED (…)`, or an `ARRAY (SELECT …)`, both of which run once.
    """
    return [
        f"{path.name}:{line}"
        for path in modules(package)
        for line, text in source(path).wholes
        if "SKIP LOCKED)" in text and not ("AS MATERIALIZED (" in text or "ARRAY (SELECT" in text)
    ]
