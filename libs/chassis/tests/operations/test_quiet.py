"""An operator's command says what it did, and nothing about the libraries it uses."""

import subprocess
import sys

import pytest


@pytest.mark.slow  # starts processes
@pytest.mark.parametrize(
    "module", ["accounts.lifecycle.cli", "accounts.registry.cli", "mtnet_chassis.operations.cli"]
)
def test_a_command_does_not_warn(module):
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": ""},
    )
    assert (done.returncode, done.stderr) == (0, "")
