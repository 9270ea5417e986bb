"""A process of a test is one of its own: its environment, its modules, its end; only libraries are there already."""

import os
import signal
import subprocess

import pytest
from mtnet_chassis.testing.fork_server import ForkServer

pytestmark = pytest.mark.slow  # starts processes

OURS = """
import os, signal, sys, time, uuid
MADE, TOLD = uuid.uuid4().hex, os.environ.get("TOLD")
if __name__ == "__main__":
    print("made", MADE, TOLD, os.environ.get("HOME"), sys.argv[1:], flush=True)
    import sub_of_ours
    print(sub_of_ours.MADE, sub_of_ours.TOLD, flush=True)
    if sys.argv[1:] == ["wait"]:
        time.sleep(60)
    sys.exit(int(sys.argv[1]))
"""


@pytest.fixture(params=[False, True], ids=["plain", "patched"])
def server(request):
    server = ForkServer(patched=request.param)
    yield server
    server.close()


@pytest.fixture
def start(server, tmp_path):
    """`start("3", TOLD="…")`: the program with these words, and its log."""
    for name in ("program_of_ours", "sub_of_ours"):
        (tmp_path / f"{name}.py").write_text(OURS)

    def start(*words, **environment):
        log = tmp_path / f"log-{len(list(tmp_path.iterdir()))}"
        process = server.start(
            "program_of_ours",
            *words,
            imports=["program_of_ours", "sub_of_ours"],
            environment={"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]} | environment,
            log=log,
        )
        return process, log

    return start


def test_each_has_its_own_environment_and_makes_its_modules_anew(start):
    told = []
    for words, environment in ((["0"], {"TOLD": "one"}), (["7"], {"TOLD": "two"}), (["0"], {})):
        process, log = start(*words, **environment)
        assert process.wait(20) == int(words[0])
        told.append(log.read_text().split())
    assert [(line[2], line[3]) for line in told] == [("one", "None"), ("two", "None"), ("None", "None")]
    made = {line[1] for line in told} | {line[-2] for line in told}
    assert len(made) == 6, "what a module makes at its import is made in each process"
    assert [line[-1] for line in told] == ["one", "two", "None"]


def test_it_is_ended_by_signals_and_says_so_as_a_subprocess_does(start):
    process, log = start("wait")
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    while not log.read_text().endswith("None\n"):
        pass
    process.kill()
    assert process.wait(20) == -signal.SIGKILL
    process.terminate()  # of one that is gone: nothing happens
    assert process.poll() == -signal.SIGKILL
    process, log = start("wait")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == -signal.SIGTERM


def test_a_program_that_fails_leaves_its_traceback_and_1(start):
    process, log = start("no number")
    assert process.wait(20) == 1
    assert "ValueError: invalid literal" in log.read_text()


def test_what_cannot_be_imported_is_said_by_the_process(server, tmp_path):
    log = tmp_path / "log"
    process = server.start("no_such_program", imports=["no_such_program"], environment={}, log=log)
    assert process.wait(20) == 1
    assert "No module named no_such_program" in log.read_text()


def test_libraries_are_loaded_once_and_nothing_of_ours_is(server, tmp_path):
    (tmp_path / "tells.py").write_text(
        "import sys\nbefore = set(sys.modules)\nimport pika, mtnet_chassis.settings\n"
        "print({'pika', 'mtnet_chassis.settings'} & before)"
    )
    seen = []
    for number in range(2):
        log = tmp_path / f"log-{number}"
        process = server.start(
            "tells",
            imports=["pika", "mtnet_chassis.settings"],
            environment={"PYTHONPATH": str(tmp_path)},
            log=log,
        )
        assert process.wait(20) == 0
        seen.append(log.read_text())
    assert seen == ["{'pika'}\n"] * 2
