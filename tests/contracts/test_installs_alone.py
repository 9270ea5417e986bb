"""A downstream system needs marshmallow and nothing else of ours."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import importlib, pkgutil, sys
allowed = set(sys.stdlib_module_names) | {"marshmallow", "mtnet_contracts", "typing_extensions"}

class OnlyMarshmallow:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in allowed:
            raise ImportError(f"{name} is not the standard library or marshmallow")

sys.meta_path.insert(0, OnlyMarshmallow())
import mtnet_contracts
for module in pkgutil.walk_packages(mtnet_contracts.__path__, "mtnet_contracts."):
    importlib.import_module(module.name)
if sys.argv[1:] == ["break"]:
    import kombu
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_contracts_import_nothing_but_marshmallow():
    done = run()
    assert done.returncode == 0, done.stderr


def test_the_guard_catches_another_import():
    assert run("break").returncode == 1
