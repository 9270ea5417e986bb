"""Templates say the same, whichever way they are compiled."""

import tomllib
from pathlib import Path

import pytest
from flask.templating import Environment as FlaskEnvironment
from gateway.__main__ import main
from gateway.tested_versions import TESTED, other_versions
from gateway.texts import for_templates
from markupsafe import Markup

VALUES = ["plain", "<b>&\"'", Markup("<i>"), None, 7, 1.5, True, ["<x>"], {"a": "<y>"}, Markup("&amp;") + "<"]
TEMPLATES = [
    "{{ value }}|{{ value ~ '<' }}|{{ value | e }}",
    "{% set part %}{{ value }}<br>{% endset %}{{ part }}{{ part ~ value }}",
    "{{ _('Case') }}{{ _('%(total)s in total', total=value) }}{{ pgettext('time', 'Submitted') }}",
    "{% macro shown(v) %}{{ v }}{{ caller() }}{% endmacro %}{% call shown(value) %}{{ _('Case') }}{% endcall %}",
    "{% for each in [value, '<'] %}{{ each }}{% if loop.first %}{{ _('Case') }}{% endif %}{% endfor %}{{ missing }}",
    "{% autoescape false %}{{ value }}{% endautoescape %}{{ {'items': value}['items'] }}{{ {'a': value}.a }}",
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("source", TEMPLATES)
def test_a_template_says_what_jinjas_own_compiler_makes_of_it(portal, source, value):
    plain = FlaskEnvironment(portal, autoescape=True)
    ours = portal.jinja_env.overlay(autoescape=True)
    said = for_templates("en") | {"value": value}
    assert ours.from_string(source).render(said) == plain.from_string(source).render(said)


def test_the_versions_whose_insides_are_used_are_those_installed_and_pinned():
    assert other_versions() is None
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    for name, tested in TESTED.items():
        major, minor = tested.split(".")
        assert f"{name}>={tested},<{major}.{int(minor) + 1}" in project["dependencies"]


@pytest.mark.parametrize(
    ("installed", "named"),
    [
        ({"jinja2": "3.2.0", "markupsafe": "3.0.3"}, ["jinja2 3.2.0", "jinja2 3.1"]),
        (
            {"jinja2": "3.10.1", "markupsafe": "4.0.0"},
            ["jinja2 3.10.1", "markupsafe 4.0.0", "markupsafe 3.0"],
        ),
    ],
)
def test_another_version_is_told_at_the_start_in_one_sentence(installed, named, monkeypatch, capsys):
    monkeypatch.setattr("gateway.__main__.other_versions", lambda: other_versions(installed.__getitem__))
    monkeypatch.setattr("gateway.__main__.Granian", Serves)
    for name in ("GATEWAY_SECRET_KEY", "AMQP_URL", "FILES_URL", "PORTAL_URL"):
        monkeypatch.setenv(name, "http://a")
    monkeypatch.setenv("GATEWAY_PORT", "1")
    assert main() == 0
    (sentence,) = capsys.readouterr().err.splitlines()
    for one in named:
        assert one in sentence
    assert ("markupsafe" in sentence) == (installed["markupsafe"] != "3.0.3")


class Serves:
    """In place of the server."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def serve(self):
        pass
