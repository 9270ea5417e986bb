"""`make check`: format, lint, types, import rules and the tests that need no server, two at a time."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BIN = PROJECT / ".venv" / "bin"

FAST = "not stack and not system and not slow"
ROOMS = ("domain", "actions", "events", "store")


def typed_paths() -> list[str]:
    """What mypy reads: the libraries, the launcher, the sandbox, services by topic, and four rooms of the others."""
    paths = [
        "libs/contracts/mtnet_contracts",
        "libs/chassis/mtnet_chassis",
        "infra/local/launcher",
        "infra/sandbox/sandbox",
    ]
    for service in sorted((PROJECT / "services").iterdir()):
        package = service / service.name
        rooms = [path for room in ROOMS for path in (package / f"{room}.py", package / room) if path.exists()]
        if not rooms and package.exists():
            rooms = [package]
        paths += [str(path.relative_to(PROJECT)) for path in rooms]
    return [path for path in paths if (PROJECT / path).exists()]


def fast_tests() -> dict[str, list[str]]:
    """Directories whose unmarked tests need no server, in two parts of about the same length."""
    services = sorted(str(path.relative_to(PROJECT)) for path in (PROJECT / "services").glob("*/tests"))
    others = ["libs", "infra", "tests/architecture", "tests/contracts"]
    return {
        "services": services,
        "all others": [path for path in others if (PROJECT / path).exists()],
    }


def checks() -> dict[str, list[str]]:
    pytest = [str(BIN / "python"), "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "-m", FAST]
    return {
        **{f"fast tests: {part}": [*pytest, *paths] for part, paths in fast_tests().items() if paths},
        "types": [str(BIN / "mypy"), *typed_paths()],
        "format": [str(BIN / "ruff"), "format", "--check", "--quiet"],
        "lint": [str(BIN / "ruff"), "check", "--quiet"],
        "import rules": [str(BIN / "lint-imports"), "--no-logo"],
        "lock file": [uv(), "lock", "--check", "--quiet"],
    }


def uv() -> str:
    """The one that made the environment (bootstrap.py)."""
    own = PROJECT / ".tools" / "uv" / "bin" / "uv"
    return str(own) if own.exists() else "uv"


def run(name: str, command: list[str]) -> tuple[str, float, int, str]:
    began = time.monotonic()
    environment = {**os.environ, "COLUMNS": "110"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    return name, time.monotonic() - began, done.returncode, done.stdout + done.stderr


def main() -> int:
    began = time.monotonic()
    failed = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as side_by_side:
        for work in [side_by_side.submit(run, *each) for each in checks().items()]:
            name, seconds, code, said = work.result()
            print(f"  {'✓' if code == 0 else '✗'} {name:<24} {seconds:5.1f} s", flush=True)
            if code != 0:
                failed.append(name)
                print(said, flush=True)
            elif name.startswith("fast tests"):
                print(f"    {said.strip().splitlines()[-1]}")
    together = f"{time.monotonic() - began:.1f} s"
    print(f"Failed: {', '.join(failed)} ({together})" if failed else f"All checks passed in {together}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
