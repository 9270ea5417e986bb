"""Preparing a machine: what is missing, and the sentence for who cannot install it."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[1]


@pytest.fixture
def bootstrap():
    specification = importlib.util.spec_from_file_location("bootstrap", HERE / "bootstrap.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_a_package_that_nobody_has_is_missing(bootstrap):
    assert bootstrap.missing_packages((("no-such-package-anywhere", ""),)) == ["no-such-package-anywhere"]


def test_a_program_that_came_another_way_counts_as_installed(bootstrap):
    assert bootstrap.missing_packages((("no-such-package-anywhere", "sh"),)) == []


def test_who_may_not_install_is_told_the_exact_command(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(bootstrap, "may_use_sudo", lambda: False)
    with pytest.raises(
        bootstrap.Problem, match=r"sudo \S+infra/local/install-packages no-such-package-anywhere"
    ):
        bootstrap.install_packages((("no-such-package-anywhere", ""),))


def test_too_small_a_disk_is_said_before_the_environment_is_made(bootstrap, monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "none")
    monkeypatch.setattr(bootstrap, "SMALLEST_FREE_BYTES", 1024**6)
    with pytest.raises(bootstrap.Problem, match="the first start needs"):
        bootstrap.create_environment()


def test_an_old_python_alone_is_refused_with_what_to_install(tmp_path):
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", str(HERE / "find-python")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13; found: Python 3.9.2" in done.stderr
    assert "apt-get install python3" in done.stderr


def test_make_alone_prints_help():
    done = subprocess.run(["make"], cwd=HERE.parents[1], capture_output=True, text=True, check=True)
    for target in ("run", "test", "check", "bench", "chaos", "compose-test"):
        assert f"make {target} " in done.stdout
