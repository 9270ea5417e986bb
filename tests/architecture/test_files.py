"""Files say what belongs in them, and each rule has been seen failing."""

from pathlib import Path

import pytest

from . import files

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "library",
    [
        "libs/contracts/mtnet_contracts",
        "libs/chassis/mtnet_chassis",
        "libs/search/mtnet_search",
        "libs/subscriber/mtnet_subscriber",
    ],
)
def test_library_modules_say_what_belongs_in_them(library):
    assert files.without_a_sentence(ROOT / library) == []
    assert files.badly_named(ROOT / library) == []


@pytest.mark.parametrize(
    "package", ["libs/chassis/mtnet_chassis", *(f"services/{name}" for name in files.BY_TOPIC)]
)
def test_the_next_rows_are_taken_by_a_subquery_that_runs_once(package):
    assert files.rows_taken_in_a_subquery(ROOT / package) == []


@pytest.mark.parametrize(
    ("rule", "file", "text"),
    [
        (files.without_a_sentence, "actions.py", "x = 1"),
        (files.badly_named, "utils.py", '"""A drawer."""'),
        (files.commits_outside_the_chassis, "actions.py", '"""Acts."""\ndef f(tx):\n    tx.commit()'),
        (
            files.rows_taken_in_a_subquery,
            "store.py",
            '"""SQL."""\nsql = f"UPDATE {x} SET a FROM (SELECT LIMIT 1 " f"FOR UPDATE SKIP LOCKED) due"',
        ),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_rule_catches_its_violation(rule, file, text, tmp_path):
    package = tmp_path / "example"
    package.mkdir()
    (package / file).write_text(text, encoding="utf-8")
    assert rule(package) != []
