"""A gateway beside an untried version of what it reads replies with says so at once."""

import os
import subprocess
import sys


def test_a_gateway_that_meets_another_version_ends_with_one_sentence(tmp_path):
    described = tmp_path / "amqp-99.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: amqp\nVersion: 99.0\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "gateway"],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("amqp 99.0 is installed, and the fast path is tried with ")
