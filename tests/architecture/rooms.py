"""What the house rules say of a tree of services; pure, so that a test can show each rule failing."""

import ast
import sys
from pathlib import Path

SERVICES: tuple[str, ...] = ()  # accounts moves to topics, folder by folder
# Services whose package is laid out by topic (topics.py).
BY_TOPIC = ("review", "notify", "content", "helpdesk")
ROOMS = {"service", "schemas", "actions", "domain", "store", "events", "clients", "settings"}
# Commands an operator runs (`python -m accounts.lifecycle.cli`) and files that are data.
COMMANDS = {"audit", "demo", "lifecycle", "reviewer", "__init__", "__main__"}
FOLDERS_OF_DATA = {"templates", "data"}
LONGEST_ROOM = 400
ROOM_FOLDERS = ROOMS
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "impl"}


def strangers(package: Path) -> list[str]:
    """Files and folders of a service that are no room, no command and no data."""
    found = []
    for entry in sorted(package.iterdir()):
        if entry.name == "__pycache__":
            continue
        if entry.is_dir() and entry.name not in ROOM_FOLDERS | FOLDERS_OF_DATA:
            found.append(entry.name)
        if entry.is_file() and entry.suffix == ".py" and entry.stem not in ROOMS | COMMANDS:
            found.append(entry.name)
    return found


def modules(package: Path) -> list[Path]:
    return [path for path in sorted(package.rglob("*.py")) if "__pycache__" not in path.parts]


def too_long(package: Path) -> list[str]:
    """Rooms that should have become folders."""
    return [
        f"{path.name}: {lines} lines"
        for path in modules(package)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_ROOM
    ]


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


def impure_imports(package: Path) -> list[str]:
    """What the domain imports beyond the standard library and itself."""
    found = []
    files = [p for p in modules(package) if p.stem == "domain" or "domain" in p.parts]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(
                    f"{package.name}.domain"
                ):
                    found.append(f"{path.name}: {name}")
    return found


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


def sql_outside_the_store(package: Path) -> list[str]:
    """Strings that begin like SQL outside store.py or store/."""
    found = []
    for path in modules(package):
        if path.stem in ("store", "demo") or "store" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                start = node.value.lstrip()[:12]
                if start.startswith(("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH ")):
                    found.append(f"{path.name}:{node.lineno}")
    return found
