"""The inside of libraries is used in one folder of the chassis, whose versions are checked (docs/fast-path.md)."""

from pathlib import Path

import pytest

from .reading import source_of

CHASSIS = Path(__file__).parents[2] / "libs" / "chassis" / "mtnet_chassis"
FENCED = CHASSIS / "fastpath"
# Public, in spite of the underscore: documented by the standard library.
DOCUMENTED = frozenset({"_replace", "_current_frames", "_exit"})


def reaches_inside(code: str) -> list[str]:
    """The attributes with an underscore of anything but the object itself."""
    return [said for name, said in source_of(code).inside if name not in DOCUMENTED]


@pytest.mark.parametrize(
    "module",
    [module for module in CHASSIS.rglob("*.py") if FENCED not in module.parents],
    ids=lambda module: str(module.relative_to(CHASSIS)),
)
def test_nothing_outside_the_fast_path_reaches_into_a_library(module):
    assert reaches_inside(module.read_text()) == []


@pytest.mark.parametrize(
    "code", ["connection._transport.abort()", "self._amqp._transport", "channel._pending[1] = 2"]
)
def test_reaching_inside_is_seen(code):
    assert reaches_inside(code)


def test_what_is_ours_and_what_is_documented_may_be_used():
    assert reaches_inside("self._connection.close(); sys._current_frames(); parts._replace(path='')") == []
