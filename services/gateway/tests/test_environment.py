"""Templates say the same, whichever way they are compiled."""

import pytest
from flask.templating import Environment as FlaskEnvironment
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
