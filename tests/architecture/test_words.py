"""Retired words (ADR 0029) stay retired: no code, SQL or page of documentation uses them."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RETIRED = re.compile(
    r"\b(doors?|parked|ladders?|rungs?|bury|buried|look_down|thaw(ed|ing|s)?|off_the_hub)\b", re.I
)
READ = {".py", ".sql", ".md", ".yml", ".toml", ".html"}


def retired_words(text):
    return [found[0] for found in RETIRED.finditer(text)]


def files():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    found = [Path(name) for name in listed if Path(name).suffix in READ]
    # Decisions keep the words of their time, and a migration that ran is never changed.
    kept = {"adr", "migrations", "sql"}
    return [path for path in found if not kept & set(path.parts) and path != Path(__file__).relative_to(ROOT)]


@pytest.mark.parametrize(
    "text", ["the door of the service", "x = LADDER", "An event is parked.", "Thawed accounts"]
)
def test_a_retired_word_is_found(text):
    assert len(retired_words(text)) == 1


@pytest.mark.parametrize("text", ["parked_event", "indoor", "outdoors", "an out-of-order event"])
def test_a_wire_name_and_another_word_are_not(text):
    assert retired_words(text) == []


def test_no_retired_word_is_used():
    paths = files()
    if not paths:
        pytest.skip("not a git checkout")
    found = {
        f"{path}:{number}": words
        for path in paths
        if (ROOT / path).exists()
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        if (words := retired_words(line))
    }
    assert found == {}
