"""In the gateway a topic's templates are its own; the rules are shown failing."""

import shutil
from pathlib import Path

import pytest

from .templates import foreign_templates, hidden_values, unused_templates

GATEWAY = Path(__file__).parents[2] / "services/gateway/gateway"


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(
        GATEWAY, tmp_path / "gateway", ignore=shutil.ignore_patterns("static", "translations", "__pycache__")
    )
    return tmp_path / "gateway"


def test_topics_use_their_own_templates_and_shared_ones():
    assert foreign_templates(GATEWAY) == []
    assert unused_templates(GATEWAY) == []
    assert hidden_values(GATEWAY) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("tracking/pages.py", 'render_template("review/queue.html")'),
        ("problems.py", 'render_template(\n    "sessions/login.html")'),
        ("templates/public/home.html", "{% include 'review/queue.html' %}"),
        ("templates/layout.html", "{% from 'tracking/case.html' import row with context %}"),
    ],
)
def test_another_topics_template_is_noticed(copy, file, line):
    with (copy / file).open("a", encoding="utf-8") as written:
        written.write(line)
    (found,) = foreign_templates(copy)
    assert found.startswith(f"{file}: ")


def test_a_template_that_nothing_shows_is_noticed(copy):
    (copy / "templates/public/forgotten.html").write_text("<p>")
    assert unused_templates(copy) == ["public/forgotten.html"]


def test_a_value_that_a_macro_hides_is_noticed(copy):
    (copy / "templates/public/hiding.html").write_text(
        "{% from 'shared/macros.html' import back, link_to_older as older with context %}{{ older }}"
    )
    with (copy / "public/pages.py").open("a", encoding="utf-8") as written:
        written.write('\nrender_template("public/hiding.html", older=1, newer=2)\n')
    assert hidden_values(copy) == ["public/pages.py: public/hiding.html older"]
