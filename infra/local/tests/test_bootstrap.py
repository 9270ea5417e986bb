"""Preparing a machine: what is missing, and the sentence for who cannot install it."""

import importlib.util
import shutil
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).resolve().parents[1]


@pytest.fixture
def bootstrap():
    specification = importlib.util.spec_from_file_location("bootstrap", HERE / "bootstrap.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_a_package_that_nobody_has_is_missing(bootstrap):
    assert bootstrap.missing_packages((("no-such-package-anywhere", ()),)) == ["no-such-package-anywhere"]


def test_a_program_that_came_another_way_counts_as_installed(bootstrap):
    assert bootstrap.missing_packages((("no-such-package-anywhere", ("nor-this", "sh")),)) == []


def test_who_may_not_install_is_told_the_exact_command(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(bootstrap, "may_use_sudo", lambda: False)
    with pytest.raises(
        bootstrap.Problem, match=r"sudo \S+infra/local/install-packages no-such-package-anywhere"
    ):
        bootstrap.install_packages((("no-such-package-anywhere", ()),))


def name_the_system(bootstrap, monkeypatch, directory, name):
    file = directory / "os-release"
    file.write_text(f'PRETTY_NAME="Some 24.04"\nID={name}\nID_LIKE="debian ubuntu"\n')
    monkeypatch.setattr(bootstrap, "OS_RELEASE", file)


def test_ubuntu_is_told_how_to_run_the_browser_tests_and_goes_on_without(
    bootstrap, monkeypatch, tmp_path, capsys
):
    name_the_system(bootstrap, monkeypatch, tmp_path, "ubuntu")
    monkeypatch.setattr(bootstrap, "missing_packages", lambda wanted: ["chromium"])
    bootstrap.install_packages(bootstrap.packages_for("test"))
    assert "install Google Chrome" in capsys.readouterr().out


@pytest.mark.parametrize("system", ["debian", "linuxmint", "pop"])
def test_who_has_chromium_as_a_package_gets_it(bootstrap, monkeypatch, tmp_path, system):
    name_the_system(bootstrap, monkeypatch, tmp_path, system)
    monkeypatch.setattr(bootstrap, "missing_packages", lambda wanted: ["chromium"])
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(bootstrap, "may_use_sudo", lambda: False)
    with pytest.raises(bootstrap.Problem, match="install-packages chromium"):
        bootstrap.install_packages(bootstrap.packages_for("test"))


def test_it_goes_on_without_a_server_that_tests_can_do_without(bootstrap, monkeypatch, tmp_path, capsys):
    asked = []

    def install(command, **_):
        asked.append([word for word in command if word in ("haproxy", "hylafax-server")])
        return subprocess.CompletedProcess(command, 100 if "hylafax-server" in command else 0)

    monkeypatch.setattr(bootstrap, "missing_packages", lambda wanted: [name for name, _ in wanted])
    monkeypatch.setattr(bootstrap.subprocess, "run", install)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0)
    monkeypatch.setattr(bootstrap, "PROJECT", tmp_path)
    bootstrap.install_packages((("haproxy", ()), ("hylafax-server", ())))
    assert asked == [["haproxy", "hylafax-server"], ["haproxy"]]
    assert "goes on without hylafax-server" in capsys.readouterr().out


def test_another_browser_stands_for_chromium(bootstrap, monkeypatch, tmp_path):
    chrome = tmp_path / "google-chrome"
    chrome.touch()
    chrome.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert bootstrap.on_this_machine(("no-such-browser", "google-chrome"))
    assert not bootstrap.on_this_machine(("no-such-browser",))


@pytest.mark.parametrize(
    "path", ["/srv/it's here", '/srv/"portal"', "/srv/a;b", "/srv/c #2", "/srv/$HOME", "/srv/a:b"]
)
def test_a_folder_that_breaks_configurations_is_told_before_anything_is_installed(
    bootstrap, monkeypatch, path
):
    monkeypatch.setattr(bootstrap, "PROJECT", Path(path))
    monkeypatch.setattr(bootstrap, "install_packages", lambda wanted: pytest.fail("installs"))
    with pytest.raises(bootstrap.Problem, match="rename the folder"):
        bootstrap.prepare("run")


@pytest.mark.parametrize(
    "path", ["/srv/with a space", "/srv/100%s", "/srv/航港", "/srv/mtnet-portal_2+x,y=z@1"]
)
def test_other_folders_are_fine(bootstrap, path):
    bootstrap.check_path(path)


@pytest.mark.parametrize(("made", "needed"), [(False, "FIRST_START_MB"), (True, "LATER_MB")])
def test_too_little_room_on_the_disk_is_said_before_anything_is_installed(
    bootstrap, monkeypatch, tmp_path, made, needed
):
    monkeypatch.setattr(bootstrap, "PROJECT", tmp_path)
    monkeypatch.setattr(bootstrap, "has_environment", lambda: made)
    monkeypatch.setattr(bootstrap, "install_packages", lambda wanted: pytest.fail("installs"))
    monkeypatch.setattr(bootstrap, needed, 1024**4)
    with pytest.raises(bootstrap.Problem, match=rf"MB are free.*{1024**4} MB are needed.*make run"):
        bootstrap.prepare("run")


@pytest.mark.parametrize(
    ("words", "needed", "not_needed"),
    [
        (
            ["prepare", "check"],
            set(),
            {"postgresql", "rabbitmq-server", "chromium", "fonts-noto-cjk", "fonts-hanazono"},
        ),
        (["prepare", "compose-test"], set(), {"postgresql", "rabbitmq-server"}),
        (["prepare", "bench"], {"postgresql", "rabbitmq-server", "wrk"}, {"chromium"}),
        (["prepare", "chaos"], {"postgresql", "rabbitmq-server"}, {"chromium", "fonts-noto-cjk"}),
        (
            ["run"],
            {"postgresql", "rabbitmq-server", "fonts-noto-cjk", "fonts-hanazono", "fontconfig"},
            {"chromium"},
        ),
        (["test"], {"postgresql", "rabbitmq-server", "fonts-noto-cjk", "chromium"}, set()),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_command_asks_for_the_packages_it_needs_and_no_others(
    bootstrap, monkeypatch, tmp_path, words, needed, not_needed
):
    asked = []
    monkeypatch.setattr(bootstrap, "PROJECT", tmp_path)
    monkeypatch.setattr(bootstrap, "install_packages", lambda wanted: asked.extend(n for n, _ in wanted))
    monkeypatch.setattr(bootstrap, "create_environment", lambda groups: None)
    monkeypatch.setattr(bootstrap.os, "chdir", lambda to: None)
    monkeypatch.setattr(bootstrap.os, "execv", lambda program, arguments: None)
    bootstrap.main(words)
    assert needed <= set(asked)
    assert not not_needed & set(asked)


def test_each_group_of_python_packages_is_installed_by_the_command_of_its_name(
    bootstrap, monkeypatch, tmp_path
):
    groups = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text())["dependency-groups"]
    uv = Uv(tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "uv_program", lambda: "uv")
    monkeypatch.setattr(bootstrap.subprocess, "run", uv)
    for group in set(groups) - {"dev"}:
        bootstrap.create_environment(bootstrap.GROUPS[group])
        assert f"--group={group}" in uv.command
        assert "--inexact" in uv.command, "what another command has put into it stays"


@pytest.mark.parametrize("target", ["check", "docs", "format", "bench", "chaos", "compose-test"])
def test_make_prepares_a_fresh_checkout_for_its_target(target):
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=HERE.parents[1], capture_output=True, text=True, check=True
    )
    assert f"bootstrap.py prepare {target}" in done.stdout.splitlines()[0]


def test_a_machine_without_python_is_told_what_to_install():
    done = subprocess.run(
        ["make", "check", "PYTHON=no-such-python"],
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "There is no no-such-python on this machine" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_a_python_too_old_for_uv_is_told_which_would_do(bootstrap, monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "TOOLS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 7, 16))
    with pytest.raises(bootstrap.Problem, match=r"(?s)at least 3.8 to fetch one.*PYTHON=/path/to/python3.13"):
        bootstrap.create_environment()


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="tells what Debian's database knows")
def test_a_package_in_debians_database_needs_no_program_on_the_search_path(bootstrap):
    assert bootstrap.missing_packages((("dpkg", ("no-such-program",)), ("no-such-package-anywhere", ()))) == [
        "no-such-package-anywhere"
    ]


class Uv:
    """Stands for `uv sync`: makes an environment, or fails."""

    def __init__(self, environment, code=0, said=""):
        self.environment, self.code, self.said = environment, code, said

    def __call__(self, command, **_):
        self.command = command
        (self.environment / "bin").mkdir(parents=True, exist_ok=True)
        (self.environment / "bin" / "python").touch()
        return SimpleNamespace(returncode=self.code, stdout="", stderr=self.said)


@pytest.fixture
def sync(bootstrap, monkeypatch, tmp_path):
    """Creates an environment with a Python of that version, and tells which one uv was asked for."""

    def create(version, **answer):
        uv = Uv(tmp_path, **answer)
        monkeypatch.setattr(bootstrap, "VENV", tmp_path)
        monkeypatch.setattr(bootstrap, "uv_program", lambda: "uv")
        monkeypatch.setattr(bootstrap.subprocess, "run", uv)
        monkeypatch.setattr(bootstrap.sys, "version_info", version)
        bootstrap.create_environment()
        return uv.command[uv.command.index("--python") + 1]

    return create


@pytest.mark.parametrize("version", [(3, 11, 2), (3, 12, 0), (3, 13, 9)])
def test_the_python_that_prepares_runs_the_portal_when_it_can(bootstrap, sync, version):
    assert sync(version) == bootstrap.sys.executable


@pytest.mark.parametrize("version", [(3, 8, 18), (3, 10, 12), (3, 14, 0)])
def test_another_python_is_found_or_fetched_by_uv(sync, version):
    assert sync(version) == ">=3.11,<3.14"


def test_who_has_no_python_and_no_network_is_told_what_is_possible(bootstrap, sync):
    with pytest.raises(bootstrap.Problem, match=r"(?s)no route to host.*PYTHON=/path/to/python3.13"):
        sync((3, 14, 0), code=1, said="no route to host")


def test_make_alone_prints_help():
    done = subprocess.run(["make"], cwd=HERE.parents[1], capture_output=True, text=True, check=True)
    for target in ("run", "test", "check", "bench", "chaos", "compose-test"):
        assert f"make {target} " in done.stdout


@pytest.mark.parametrize(
    "command", ["stop", "ps", "logs", "restart", "stuck", "lifecycle", "audit", "subscriber"]
)
def test_a_command_in_a_fresh_clone_says_what_comes_first(command, tmp_path):
    shutil.copy(HERE.parents[1] / "Makefile", tmp_path)
    told = subprocess.run(["make", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode != 0
    assert told.stderr.splitlines()[0] == "Nothing is installed in this folder yet. Start with: make run"
