"""`make check`: format, lint, types, import rules and the tests that need no server, side by side: one more at a time
than there are cores, since some tests wait for a process.

Tests whose files are as they were when they last passed are not run again; `.local/checked.json` remembers that.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PROGRAMS = (PROJECT / ".venv" / "bin", PROJECT / ".tools" / "uv" / "bin")
PASSED = PROJECT / ".local" / "checked.json"
CHECKS = {
    "types": ("mypy",),
    "format": ("ruff", "format", "--check", "--quiet"),
    "lint": ("ruff", "check", "--quiet"),
    "import rules": ("lint-imports", "--no-logo"),
    "lock file": ("uv", "lock", "--check", "--quiet"),
}
# schemathesis takes half a second to load, and its tests are slow ones.
PYTEST = (
    "python", "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-m",
)  # fmt: skip
FAST = "not stack and not system and not slow"
# A machine that has neither servers nor fonts runs them too: with both at hand, a test that needs them fails here.
BARE_MACHINE = {"TESTS_WITHOUT_SERVERS": "1", "FONTCONFIG_FILE": os.devnull}
GATEWAY = PROJECT / "services" / "gateway" / "tests"  # as many tests as all other services have
TOPICS = sorted({str(file.parent) for file in GATEWAY.glob("*/test_*.py")})
SHOWN = (
    "services/gateway/*",
    "services/notify/*",
    "services/content/*",
    "services/*.po",
    "infra/docker/*",
    "tests/*",
)
# What to run, and which files it depends on beside SHARED and the settings at the top; the longest first.
TESTS = {
    "gateway": (tuple(map(str, sorted(GATEWAY.glob("test_*.py")))), SHOWN),
    "gateway's topics": (tuple(TOPICS), SHOWN),
    "libraries": (("libs", "infra", "tests/architecture", "tests/contracts"), ("*",)),
    "helpdesk, notify, review": (
        ("services/helpdesk", "services/notify", "services/review"),
        ("services/helpdesk/*", "services/notify/*", "services/review/*"),
    ),
    "accounts, content": (
        ("services/accounts", "services/content"),
        ("services/accounts/*", "services/content/*"),
    ),
}
SHARED = ("libs/*", "infra/sandbox/*", "services/conftest.py")


def files() -> dict[str, str]:
    """A digest of each file that is in the repository or could be added to it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted({name for name in listed.stdout.split("\0") if (PROJECT / name).is_file()})
    return {name: hashlib.sha256((PROJECT / name).read_bytes()).hexdigest() for name in names}


def state_of(group: str, known: dict[str, str]) -> str:
    """One digest of all that the tests of a group depend on."""
    patterns = (*SHARED, *TESTS[group][1])
    relevant = {
        name: digest
        for name, digest in known.items()
        if ("/" not in name and not name.endswith(".md"))
        or any(fnmatch(name, pattern) for pattern in patterns)
    }
    return hashlib.sha256(json.dumps([sys.version, relevant]).encode()).hexdigest()


def run(name: str, command: tuple[str, ...]) -> bool:
    began = time.monotonic()
    path = os.pathsep.join([*map(str, PROGRAMS), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        ["/usr/bin/env", *command],
        cwd=PROJECT,
        env={**os.environ, **BARE_MACHINE, "COLUMNS": "110", "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    right = done.returncode == 0
    said = done.stdout.strip().splitlines()[-1:] if right and "pytest" in command else []
    lines = [
        f"  {'✓' if right else '✗'} {name:<38} {time.monotonic() - began:5.1f} s",
        *(f"    {each}" for each in said),
    ]
    print("\n".join(lines if right else [*lines, done.stdout]), flush=True)
    return right


def main() -> int:
    began = time.monotonic()
    known = files()
    states = {group: state_of(group, known) for group in TESTS}
    passed = json.loads(PASSED.read_text()) if PASSED.exists() else {}
    groups = [group for group in TESTS if passed.get(group) != states[group]]
    for group in TESTS.keys() - set(groups):
        print(f"  ✓ {f'fast tests: {group}':<38}  as when they last passed")
    commands = {f"fast tests: {group}": (*PYTEST, FAST, *TESTS[group][0]) for group in groups} | CHECKS
    with ThreadPoolExecutor(max_workers=1 + (os.cpu_count() or 2)) as side_by_side:
        results = dict(zip(commands, side_by_side.map(run, commands, commands.values()), strict=True))
    passed |= {group: states[group] for group in groups if results[f"fast tests: {group}"]}
    PASSED.parent.mkdir(exist_ok=True)
    PASSED.write_text(json.dumps(passed, indent=2) + "\n")
    failed = ", ".join(name for name, right in results.items() if not right)
    together = f"{time.monotonic() - began:.1f} s"
    print(f"Failed: {failed} ({together})" if failed else f"All checks passed in {together}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
