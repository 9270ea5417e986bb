"""A downstream system installs the contracts' wheel, which brings marshmallow and nothing else of ours."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # builds and installs wheels

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "libs" / "contracts"
OWN_UV = ROOT / ".tools" / "uv" / "bin" / "uv"  # infra/local/bootstrap.py

PROGRAM = """
import importlib, importlib.metadata, pkgutil, sys
ours = {dist.metadata["Name"] for dist in importlib.metadata.distributions()}
assert ours <= {"mtnet-contracts", "marshmallow", "typing_extensions"}, ours
import mtnet_contracts
assert sys.argv[1] in mtnet_contracts.__file__, mtnet_contracts.__file__
for module in pkgutil.walk_packages(mtnet_contracts.__path__, "mtnet_contracts."):
    importlib.import_module(module.name)
from mtnet_contracts.event import catalogue
from mtnet_contracts.examples import example_of
assert len([example_of(event) for event in catalogue()]) > 10
from mtnet_contracts.vocabulary.labels import LABELS, UNITS
from mtnet_contracts.vocabulary.texts import texts_of
assert texts_of("zh-Hant", LABELS)[UNITS["operations"]] == "營運中心"
"""


def uv(*words: str) -> None:
    program = str(OWN_UV) if OWN_UV.exists() else "uv"
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(
        [program, *words, "--quiet", "--no-config"],
        env=environment | {"UV_PYTHON_DOWNLOADS": "never"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def installed(tmp_path):
    """`installed(project)`: what PROGRAM says in an environment that holds the wheel of `project` alone."""

    def installed(project):
        uv("build", "--wheel", str(project), "--out-dir", str(tmp_path / "wheel"))
        (wheel,) = (tmp_path / "wheel").glob("*.whl")
        uv("venv", str(tmp_path / "alone"), "--python", sys.executable)
        python = tmp_path / "alone" / "bin" / "python"
        uv("pip", "install", "--python", str(python), str(wheel))
        return subprocess.run(
            [str(python), "-I", "-c", PROGRAM, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    return installed


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "contracts"
    shutil.copytree(CONTRACTS, folder, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    return folder


def test_the_wheel_alone_has_every_event_with_its_example(installed):
    done = installed(CONTRACTS)
    assert done.returncode == 0, done.stderr


def test_a_wheel_without_the_examples_is_caught(installed, copy):
    project = copy / "pyproject.toml"
    project.write_text(f'{project.read_text()}exclude = ["*.json"]\n')
    done = installed(copy)
    assert done.returncode == 1
    assert "FileNotFoundError" in done.stderr


def test_an_import_of_something_else_is_caught(installed, copy):
    module = copy / "mtnet_contracts" / "codec.py"
    module.write_text(f"{module.read_text()}\nimport kombu\n")
    done = installed(copy)
    assert done.returncode == 1
    assert "No module named 'kombu'" in done.stderr
