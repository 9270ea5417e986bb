"""Every service has the same rooms, and each rule has been seen failing."""

from pathlib import Path

import pytest

from . import rooms

ROOT = Path(__file__).parents[2]
PACKAGES = {name: ROOT / "services" / name / name for name in rooms.SERVICES}

RULES = [
    rooms.strangers,
    rooms.too_long,
    rooms.without_a_sentence,
    rooms.badly_named,
    rooms.impure_imports,
    rooms.commits_outside_the_chassis,
    rooms.sql_outside_the_store,
]


@pytest.mark.parametrize("service", rooms.SERVICES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_rules_hold(service, rule):
    assert rule(PACKAGES[service]) == []


@pytest.mark.parametrize("service", rooms.SERVICES)
def test_every_service_has_a_page_a_door_and_a_border(service):
    folder = ROOT / "services" / service
    assert (folder / "README.md").read_text(encoding="utf-8").strip()
    assert list((folder / "migrations").glob("*.sql"))
    assert (folder / service / "service.py").exists() or (folder / service / "service").is_dir()
    assert (folder / service / "events.py").exists() or (folder / service / "events").is_dir()
    assert (folder / service / "settings.py").exists()


@pytest.mark.parametrize("library", ["libs/contracts/mtnet_contracts", "libs/chassis/mtnet_chassis"])
def test_library_modules_say_what_belongs_in_them(library):
    assert rooms.without_a_sentence(ROOT / library) == []
    assert rooms.badly_named(ROOT / library) == []


@pytest.mark.parametrize(
    ("rule", "file", "text"),
    [
        (rooms.strangers, "managers.py", '"""A room nobody knows."""'),
        (rooms.too_long, "actions.py", '"""Long."""\n' + "x = 1\n" * 400),
        (rooms.without_a_sentence, "actions.py", "x = 1"),
        (rooms.badly_named, "utils.py", '"""A drawer."""'),
        (rooms.impure_imports, "domain.py", '"""Rules."""\nimport psycopg'),
        (rooms.impure_imports, "domain.py", '"""Rules."""\nfrom example.store import Store'),
        (rooms.commits_outside_the_chassis, "actions.py", '"""Acts."""\ndef f(tx):\n    tx.commit()'),
        (rooms.sql_outside_the_store, "actions.py", '"""Acts."""\nQ = "SELECT a FROM b"'),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_rule_catches_its_violation(rule, file, text, tmp_path):
    package = tmp_path / "example"
    package.mkdir()
    (package / file).write_text(text, encoding="utf-8")
    assert rule(package) != []
