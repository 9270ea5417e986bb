"""A run of the tests always ends, and says which test it was in."""

import subprocess
import sys
import tempfile
import threading

import pytest
from launcher import testing
from mtnet_chassis.testing.pytest_plugin import eventually


@pytest.fixture
def child():
    started = []

    def start(code):
        started.append(subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True))
        return started[0]

    yield start
    for process in started:
        process.kill()
        process.communicate()


DEAF = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"


def test_a_run_that_hangs_is_ended_and_names_its_test(child, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(testing, "STOPPING_SECONDS", 0.1)
    current = tmp_path / "current-tests"
    current.write_text("tests/browser/test_story.py::test_that_hangs")
    process = child(DEAF)
    assert process.stdout.readline() == "up\n"
    assert testing.wait_for(process, current, 0.1) == 124
    assert process.poll() is not None
    assert "in tests/browser/test_story.py::test_that_hangs" in capsys.readouterr().err


def test_a_run_that_broke_off_fails_and_names_its_test(child, tmp_path, capsys):
    current = tmp_path / "current-tests"
    current.write_text("tests/x.py::test_that_ends_python")
    assert testing.wait_for(child(""), current, 60) == 1
    assert "in tests/x.py::test_that_ends_python" in capsys.readouterr().err


@pytest.mark.parametrize("code", [0, 1, 5])
def test_a_run_that_ends_by_itself_keeps_its_exit_code(child, tmp_path, capsys, code):
    assert testing.wait_for(child(f"raise SystemExit({code})"), tmp_path / "current-tests", 60) == code
    assert capsys.readouterr().err == ""


def test_the_tests_that_run_are_written_down(tmp_path):
    from mtnet_chassis.testing.pytest_plugin import RunningTests

    running = RunningTests(tmp_path / testing.CURRENT)
    running.pytest_runtest_logstart("tests/x.py::test_y")
    running.pytest_runtest_logstart("tests/x.py::test_z")
    assert testing.last_test(tmp_path / testing.CURRENT) == "in tests/x.py::test_y, tests/x.py::test_z"
    running.pytest_runtest_logfinish("tests/x.py::test_y")
    assert testing.last_test(tmp_path / testing.CURRENT) == "in tests/x.py::test_z"
    running.pytest_runtest_logfinish("tests/x.py::test_z")
    assert testing.last_test(tmp_path / testing.CURRENT) == "before the first test or after the last"
    running.pytest_sessionfinish()
    assert not (tmp_path / testing.CURRENT).exists()


def test_two_runs_that_begin_together_leave_each_other_their_directories(tmp_path, monkeypatch):
    """The second begins while the first has made its directory and not locked it yet."""
    monkeypatch.setattr(testing, "PROJECT", tmp_path)
    make, begun, ended = tempfile.mkdtemp, [], threading.Event()

    def second_run():
        with testing.own_workspace() as workspace:
            begun.append(workspace.state)
            ended.wait(60)

    second = threading.Thread(target=second_run)

    def make_and_let_the_second_begin(**where):
        made = make(**where)
        monkeypatch.setattr(tempfile, "mkdtemp", make)
        second.start()
        second.join(0.3)
        assert begun == []  # it waits
        return made

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_let_the_second_begin)
    with testing.own_workspace() as workspace:
        eventually(lambda: begun)
        assert {workspace.state, *begun} == set(tmp_path.iterdir())
        ended.set()
        second.join(60)
    with testing.alone():
        testing.remove_stale_runs()
    assert list(tmp_path.iterdir()) == []


def test_a_whole_run_is_told_against_its_budget():
    assert testing.budget_line(483.4) == "The whole suite took 8:03 of its budget of 20:00 minutes."
    assert testing.budget_line(1341).startswith(
        "WARNING: the whole suite took 22:21, more than its budget of 20:00"
    )
