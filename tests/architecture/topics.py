"""What the layout of a service by topics asks for; pure, so that a test can show each rule failing."""

import sys
from pathlib import Path

from .files import LONGEST_FILE, modules
from .reading import source

# What a service's package holds besides its topics, each with its reason.
BESIDE_TOPICS = {
    "__init__",
    "service",  # the Nameko class
    "settings",
    "demo",  # an operator's command
    "retention",  # rules about the tables of all topics
    *("vault", "key_file", "glyphs", "threads"),  # adapters that several topics use
    *("days", "numbers", "sources"),  # rules that several topics use
}
PURE_BESIDE_TOPICS = {"days", "numbers", "sources"}
LAYERS = {"actions", "domain", "store", "clients", "events", "schemas", "endpoints", "rules"}
FOLDERS_OF_DATA = {"data", "translations"}
MAKERS_OF_STORES = {"endpoints", "cli", "shapes"}
# An endpoint parses, calls one action and returns: at most so many lines after its docstring.
LONGEST_ENDPOINT = 5


def topics(package: Path) -> list[Path]:
    return [
        entry
        for entry in sorted(package.iterdir())
        if entry.is_dir() and (entry / "__init__.py").exists() and entry.name not in LAYERS
    ]


def flat_layers(package: Path) -> list[str]:
    """Layers and other files beside the topics: each belongs to a topic."""
    found = []
    for entry in sorted(package.iterdir()):
        if entry.is_dir() and not any("__pycache__" not in path.parts for path in entry.rglob("*.*")):
            continue  # compiled files of a folder that is gone
        if entry.is_dir() and entry not in topics(package) and entry.name not in FOLDERS_OF_DATA:
            found.append(f"{entry.name}/")
        if entry.is_file() and entry.suffix == ".py" and entry.stem not in BESIDE_TOPICS:
            found.append(entry.name)
    return found


def stores_of_other_topics(package: Path) -> list[str]:
    """Imports of another topic's store. Only files at the edge make one, to hand it on to that topic's actions."""
    return [
        f"{topic.name}/{path.name}: {module}"
        for topic in topics(package)
        if topic.name not in BESIDE_TOPICS  # a demonstration in several files
        for path in modules(topic)
        if path.stem not in MAKERS_OF_STORES
        for module in imported(path, types=False)
        if module.endswith(".store")
        and module.startswith(f"{package.name}.")
        and module != f"{package.name}.{topic.name}.store"
    ]


def neighbours_in_a_topic(package: Path) -> list[str]:
    """Folders inside a topic, such as channels/email and channels/sms, that import each other."""
    found = []
    for topic in topics(package):
        for folder in topics(topic):
            others = [
                f"{package.name}.{topic.name}.{other.name}" for other in topics(topic) if other != folder
            ]
            found += [
                f"{folder.name}/{path.name}: {module}"
                for path in modules(folder)
                for module in sorted(imported(path))
                if any(f"{module}.".startswith(f"{other}.") for other in others)
            ]
    return found


def circles(package: Path) -> list[str]:
    """Topics that use each other, directly or through others."""
    names = {topic.name for topic in topics(package)}
    uses = {
        topic.name: {
            module.split(".")[1]
            for path in modules(topic)
            for module in imported(path)
            if module.startswith(f"{package.name}.") and module.split(".")[1] in names - {topic.name}
        }
        for topic in topics(package)
    }
    return sorted(name for name in names if name in _reachable(uses, name))


def _reachable(uses: dict[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(uses[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += uses[name]
    return reached


def impure_rules(package: Path) -> list[str]:
    """What a rules.py imports beyond the standard library, other rules and the shared vocabulary."""
    return [
        f"{path.parent.name}/{path.name}: {module}"
        for path in modules(package)
        if path.stem == "rules"
        for module in imported(path, names=False)
        if module.split(".")[0] not in sys.stdlib_module_names
        and not module.startswith("mtnet_contracts.vocabulary")
        and not (module.startswith(f"{package.name}.") and module.endswith(".rules"))
        and module.removeprefix(f"{package.name}.") not in PURE_BESIDE_TOPICS
    ]


def sql_outside_the_store(package: Path) -> list[str]:
    """Strings that begin like SQL anywhere but in a store.py."""
    return [
        f"{path.parent.name}/{path.name}:{line}"
        for path in modules(package)
        if path.stem != "store"
        for line, text in source(path).texts
        if text.lstrip().startswith(("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH "))
    ]


def long_endpoints(package: Path) -> list[str]:
    """Methods of endpoints.py that do more than parse, call one action and return."""
    return [
        f"{path.parent.name}/{path.name}: {name} has {lines} lines"
        for path in modules(package)
        if path.stem == "endpoints"
        for name, lines in source(path).decorated
        if lines > LONGEST_ENDPOINT
    ]


def too_long(package: Path) -> list[str]:
    """Files that have become two topics."""
    return [
        f"{path.parent.name}/{path.name}: {lines} lines"
        for path in modules(package)
        if (lines := source(path).lines) > LONGEST_FILE
    ]


def imported(path: Path, *, names: bool = True, types: bool = True) -> set[str]:
    """The modules that a file imports.

    With `names`, what it imports from a package as well, in case it is a module; without `types`, nothing that is
    imported for type checking only.
    """
    found = set()
    for module, inner, for_types in source(path).imports:
        if types or not for_types:
            found.add(module)
            if names:
                found |= {f"{module}.{name}" for name in inner}
    return found
