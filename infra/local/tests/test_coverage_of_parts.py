"""The figures of `make coverage` are those of lines and branches that ran, and too little fails."""

import importlib.util
from pathlib import Path

import pytest
from coverage import Coverage

SPEC = importlib.util.spec_from_file_location(
    "coverage_of_parts", Path(__file__).parents[1] / "coverage_of_parts.py"
)
coverage_of_parts = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(coverage_of_parts)

FILES = {
    "rules": "services/x/x/topic/rules.py",
    "actions": "services/x/x/topic/actions.py",
    "chassis": "libs/chassis/mtnet_chassis/data/x.py",
    "copy": "tmp/x/topic/rules.py",
}
BRANCHES = """def judge(number):
    if number > 3:
        return "much"
    return "little"
"""


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """`measured(rules=[…], actions=[…])`: modules of these names, called with these numbers under coverage."""

    def measured(**calls):
        monkeypatch.chdir(tmp_path)
        (tmp_path / ".coveragerc").write_text("[run]\nbranch = true\nparallel = true\n")
        coverage = Coverage()
        with coverage.collect():
            for name, numbers in calls.items():
                file = tmp_path / FILES[name]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(BRANCHES)
                scope = {}
                exec(compile(BRANCHES, str(file), "exec"), scope)
                for number in numbers:
                    scope["judge"](number)
        coverage.save()
        return coverage_of_parts.main()

    return measured


def test_three_parts_that_are_whole_are_three_lines(measured, capsys):
    assert measured(rules=[1, 5], actions=[1, 5], chassis=[1, 5], copy=[1]) == 0
    lines = [line.split()[:2] for line in capsys.readouterr().out.splitlines()[-3:]]
    assert lines == [["rules", "100.0"], ["actions", "100.0"], ["chassis", "100.0"]]


def test_a_branch_that_never_ran_is_told_with_its_file_and_fails(measured, capsys):
    assert measured(rules=[1, 5], actions=[1], chassis=[1, 5]) == 1
    said = capsys.readouterr().out
    assert "actions.py" in said
    assert "actions   66.7 % of lines and branches  less than 90 %" in said


def test_a_part_that_no_test_reached_is_told_as_nothing(measured, capsys):
    assert measured(rules=[1, 5], chassis=[1, 5]) == 1
    said = capsys.readouterr().out
    assert "no test reached it" in said
    assert "actions    0.0 % of lines and branches  less than 90 %" in said
