"""An operator's command says what it did, and nothing about the libraries it uses."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


def commands():
    """Every `cli.py` of services and libraries, as `python -m` takes it."""
    for package in sorted(ROOT.glob("libs/*/*/")) + sorted(ROOT.glob("services/*/*/")):
        if (package / "__init__.py").exists() and package.name != "tests":
            for file in sorted(package.rglob("cli.py")):
                yield ".".join(file.relative_to(package.parent).with_suffix("").parts)


def test_the_commands_are_found():
    assert {"accounts.audit.cli", "accounts.lifecycle.cli", "mtnet_chassis.operations.cli"} <= set(commands())


@pytest.mark.slow  # starts processes
@pytest.mark.parametrize("module", list(commands()))
def test_a_command_does_not_warn(module):
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": ""},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage:" in done.stdout
