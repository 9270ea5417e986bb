"""Short digests of source files, which tell whether a set-up step must be done again."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from launcher.workspace import PROJECT


def digest(*parts: str, files: Iterable[Path] = ()) -> str:
    """One digest of texts and of files' names and contents."""
    total = sha256()
    for part in parts:
        total.update(part.encode() + b"\0")
    for file in sorted(files):
        total.update(str(file.relative_to(PROJECT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()[:24]


def migrations_of(service: str) -> list[Path]:
    own = PROJECT / "services" / service / "migrations"
    shared = PROJECT / "libs" / "chassis" / "mtnet_chassis" / "data" / "sql"
    return [*own.glob("*.sql"), *own.glob("*.py"), *shared.glob("*.sql"), *shared.glob("*.py")]


def code_of(*directories: str) -> list[Path]:
    found: list[Path] = []
    for directory in directories:
        found += [path for path in (PROJECT / directory).rglob("*.py") if "tests" not in path.parts]
    return found


def topology_sources() -> list[Path]:
    """Everything that queues are made of: contracts, chassis and the endpoints of each service."""
    names = ("service.py", "endpoints.py", "messages.py", "events.py")
    services = [path for path in code_of("services") if path.name in names]
    return [*code_of("libs/contracts/mtnet_contracts", "libs/chassis/mtnet_chassis"), *services]


def demonstration_of(service: str) -> list[Path]:
    """The module or package `<service>.demo` with its content; empty when the service has none."""
    room = PROJECT / "services" / service / service
    single = [room / "demo.py"] if (room / "demo.py").exists() else []
    package = [path for path in (room / "demo").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return [*single, *package]
