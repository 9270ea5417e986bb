"""`make check`: format, lint, types, import rules and the tests that need no server, one more at a time than there are
cores: some tests wait for a process.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PROGRAMS = (PROJECT / ".venv" / "bin", PROJECT / ".tools" / "uv" / "bin")
FAST = (
    "python",
    "-m",
    "pytest",
    "-q",
    "--no-header",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:schemathesis",  # half a second; its tests are slow ones
    "-m",
    "not stack and not system and not slow",
)
GATEWAY = PROJECT / "services" / "gateway" / "tests"  # as many tests as all others together
# A machine that has neither servers nor fonts runs them too: with both at hand, a test that needs them fails here.
BARE_MACHINE = {"TESTS_WITHOUT_SERVERS": "1", "FONTCONFIG_FILE": os.devnull}
CHECKS = {
    "types": ("mypy",),
    "fast tests: libraries": (*FAST, "libs", "infra", "tests/architecture", "tests/contracts"),
    "fast tests: gateway": (*FAST, *map(str, sorted(GATEWAY.glob("test_*.py")))),
    "fast tests: its topics": (
        *FAST,
        *map(str, sorted({test.parent for test in GATEWAY.glob("*/test_*.py")})),
    ),
    "fast tests: services": (*FAST, "services", f"--ignore={GATEWAY}"),
    "format": ("ruff", "format", "--check", "--quiet"),
    "lint": ("ruff", "check", "--quiet"),
    "import rules": ("lint-imports", "--no-logo"),
    "lock file": ("uv", "lock", "--check", "--quiet"),
}


def run(name: str) -> bool:
    began = time.monotonic()
    path = os.pathsep.join([*map(str, PROGRAMS), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        ["/usr/bin/env", *CHECKS[name]],
        cwd=PROJECT,
        env={**os.environ, **BARE_MACHINE, "COLUMNS": "110", "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    right = done.returncode == 0
    summary = done.stdout.strip().splitlines()[-1:] if right and CHECKS[name][:3] == FAST[:3] else []
    lines = [
        f"  {'✓' if right else '✗'} {name:<24} {time.monotonic() - began:5.1f} s",
        *(f"    {line}" for line in summary),
    ]
    print("\n".join(lines if right else [*lines, done.stdout]), flush=True)
    return right


def main() -> int:
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=1 + (os.cpu_count() or 2)) as side_by_side:
        results = dict(zip(CHECKS, side_by_side.map(run, CHECKS), strict=True))
    failed = ", ".join(name for name, right in results.items() if not right)
    together = f"{time.monotonic() - began:.1f} s"
    print(f"Failed: {failed} ({together})" if failed else f"All checks passed in {together}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
