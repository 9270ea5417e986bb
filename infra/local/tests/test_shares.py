"""The whole suite gives its workers what takes longest first, and remembers how long that was."""

import json
import re
import subprocess
import sys

import pytest
from launcher.workspace import PROJECT

SECONDS = ".pytest_cache/v/mtnet/seconds"


@pytest.mark.slow
def test_what_took_longest_last_time_comes_first(tmp_path):
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "conftest.py").write_text((PROJECT / "conftest.py").read_text())
    for name in ("first", "second", "third", "tests/chaos/test_shared"):
        file = tmp_path / f"{name if '/' in name else f'test_{name}'}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("def test_it(): pass\ndef test_more(): pass\n")
    assert order(tmp_path) == ["tests/chaos/test_shared", "test_first", "test_second", "test_third"]
    file = tmp_path / SECONDS
    known = json.loads(file.read_text())
    assert set(known) == {"chaos", "test_first.py", "test_second.py", "test_third.py"}
    file.write_text(json.dumps(known | {"chaos": 4.0, "test_third.py": 5.0, "test_second.py": 4.5}))
    assert order(tmp_path) == ["test_third", "test_second", "tests/chaos/test_shared", "test_first"]


def order(directory):
    """The files in the order in which one worker runs them."""
    words = "-n 1 --dist=loadscope --no-loadscope-reorder -v --import-mode=importlib -p no:pytest_nameko"
    command = [sys.executable, "-W", "ignore", "-m", "pytest", *words.split()]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.findall(r"PASSED.* (\S+)\.py::", done.stdout)
    return list(dict.fromkeys(found))
