"""Import directions are checked by import-linter; here it is shown catching a violation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")

CONFIGURATION = """
[importlinter]
root_packages =
    example
    neighbour
include_external_packages = True

[importlinter:contract:rooms]
name = One way
type = layers
layers =
    (service)
    (actions)
    (store) | (events) | (clients)
    (domain)
containers =
    example

[importlinter:contract:services]
name = Independent
type = independence
modules =
    example
    neighbour
"""


def lint(folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINTER), "--config", str(config), "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def a_house(folder: Path, **files: str) -> Path:
    for package in ("example", "neighbour"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text("")
    for room in ("service", "actions", "store", "events", "domain"):
        (folder / "example" / f"{room}.py").write_text(files.get(room, ""))
    (folder / "linter.ini").write_text(CONFIGURATION)
    return folder / "linter.ini"


def test_the_tree_keeps_its_import_rules():
    done = lint(ROOT, ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout


def test_a_clean_house_passes(tmp_path):
    config = a_house(tmp_path, service="from example import actions", actions="from example import store")
    assert lint(tmp_path, config).returncode == 0


@pytest.mark.parametrize(
    ("room", "text"),
    [
        ("domain", "from example import store"),
        ("store", "from example import actions"),
        ("store", "from example import events"),
        ("actions", "from example import service"),
        ("actions", "import neighbour"),
    ],
)
def test_an_import_against_the_direction_is_caught(room, text, tmp_path):
    config = a_house(tmp_path, **{room: text})
    assert lint(tmp_path, config).returncode == 1
