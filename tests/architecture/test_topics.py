"""Services by topic keep their layout, and each rule of it has been seen failing."""

from pathlib import Path

import pytest

from . import files, topics

ROOT = Path(__file__).parents[2]
PACKAGES = {name: ROOT / "services" / name / name for name in files.BY_TOPIC}

RULES = [
    topics.flat_layers,
    topics.stores_of_other_topics,
    topics.neighbours_in_a_topic,
    topics.circles,
    topics.impure_rules,
    topics.sql_outside_the_store,
    topics.long_endpoints,
    topics.too_long,
    files.without_a_sentence,
    files.badly_named,
    files.commits_outside_the_chassis,
]


@pytest.mark.parametrize("service", PACKAGES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_layout_is_kept(service, rule):
    assert rule(PACKAGES[service]) == []


@pytest.mark.parametrize("service", PACKAGES)
def test_every_service_has_a_page_a_class_and_its_settings(service):
    folder = ROOT / "services" / service
    assert (folder / "README.md").read_text(encoding="utf-8").strip()
    assert list((folder / "migrations").glob("*.sql"))
    assert (folder / service / "service.py").exists()
    assert (folder / service / "settings.py").exists()


LONG_ENDPOINT = (
    '"""Calls."""\nclass E:\n    @endpoint(1)\n    def ask(self, tx):\n'
    + "        x = 1\n" * 5
    + "        return x"
)


@pytest.mark.parametrize(
    ("rule", "file", "text"),
    [
        (topics.flat_layers, "actions.py", '"""All actions."""'),
        (topics.flat_layers, "domain/__init__.py", '"""All rules."""'),
        (topics.flat_layers, "managers.py", '"""Belongs to no topic."""'),
        (topics.stores_of_other_topics, "cases/actions.py", "from example.routes.store import RouteStore"),
        (topics.stores_of_other_topics, "cases/actions.py", "from example.routes import store"),
        (topics.neighbours_in_a_topic, "cases/fax/actions.py", "from example.cases.line.rules import X"),
        (topics.circles, "routes/actions.py", "from example.cases import rules"),
        (topics.impure_rules, "cases/rules.py", "import psycopg"),
        (topics.impure_rules, "cases/rules.py", "from example.cases.store import CaseStore"),
        (topics.sql_outside_the_store, "cases/actions.py", 'Q = "SELECT a FROM b"'),
        (topics.long_endpoints, "cases/endpoints.py", LONG_ENDPOINT),
        (topics.too_long, "cases/actions.py", "x = 1\n" * 401),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_rule_catches_its_violation(rule, file, text, tmp_path):
    package = tmp_path / "example"
    for topic in ("cases", "routes"):
        (package / topic).mkdir(parents=True)
        (package / topic / "__init__.py").write_text('"""A topic."""')
    for folder in ("fax", "line"):
        (package / "cases" / folder).mkdir()
        (package / "cases" / folder / "__init__.py").write_text('"""A part of a topic."""')
    (package / "cases" / "messages.py").write_text("from example.routes.actions import Routes")
    assert rule(package) == []
    (package / file).parent.mkdir(exist_ok=True)
    (package / file).write_text(text, encoding="utf-8")
    assert rule(package) != []
