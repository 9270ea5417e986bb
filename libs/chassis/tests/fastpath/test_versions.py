"""A process beside an untried version of a library says so at once."""

import os
import subprocess
import sys

import pytest
from mtnet_chassis.fastpath.versions import LEANED_ON, require_tried_versions


def test_what_is_installed_here_was_tried():
    require_tried_versions()


@pytest.mark.slow  # starts processes
@pytest.mark.parametrize("command", ["serve", "relay"])
@pytest.mark.parametrize("library", LEANED_ON)
def test_a_process_that_meets_another_version_ends_with_one_sentence(tmp_path, command, library):
    described = tmp_path / f"{library}-99.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {library}\nVersion: 99.0\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "mtnet_chassis.operations.cli", command, "ledger"],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"{library} 99.0 is installed, and the fast path is tried with ")
    assert done.stdout == ""
