"""`make check` runs those tests again whose files changed since they passed."""

import ast
import importlib.util
from fnmatch import fnmatch
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SERVICES = {
    folder.name for folder in (PROJECT / "services").iterdir() if (folder / "pyproject.toml").exists()
}


@pytest.fixture
def check():
    specification = importlib.util.spec_from_file_location("check", PROJECT / "infra" / "check.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


FILES = dict.fromkeys(
    (
        "uv.lock",
        "libs/chassis/mtnet_chassis/settings.py",
        "services/notify/notify/service.py",
        "services/content/tests/test_pages.py",
        "services/accounts/accounts/service.py",
        "services/accounts/accounts/translations/zh_Hant/LC_MESSAGES/documents.po",
        "tests/architecture/files.py",
        "docs/runbook.md",
        "README.md",
        "infra/local/bootstrap.py",
    ),
    "as it was",
)
GATEWAY = {"gateway", "gateway's topics"}
HELPDESK, ACCOUNTS = {"helpdesk, notify, review"}, {"accounts, content"}
ALL = {*GATEWAY, "libraries", *HELPDESK, *ACCOUNTS}


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("uv.lock", ALL),
        ("libs/chassis/mtnet_chassis/settings.py", ALL),
        ("services/notify/notify/service.py", {*GATEWAY, "libraries", *HELPDESK}),
        ("services/content/tests/test_pages.py", {*GATEWAY, "libraries", *ACCOUNTS}),
        ("services/accounts/accounts/service.py", {"libraries", *ACCOUNTS}),
        (
            "services/accounts/accounts/translations/zh_Hant/LC_MESSAGES/documents.po",
            {*GATEWAY, "libraries", *ACCOUNTS},
        ),
        ("tests/architecture/files.py", {*GATEWAY, "libraries"}),
        ("docs/runbook.md", {"libraries"}),
        ("README.md", {"libraries"}),
        ("infra/local/bootstrap.py", {"libraries"}),
        ("libs/chassis/mtnet_chassis/new.py", ALL),
    ],
)
def test_a_changed_file_is_looked_at_by_all_that_depend_on_it(check, changed, again):
    assert set(check.TESTS) == ALL
    after = FILES | {changed: "another"}
    assert {group for group in ALL if check.state_of(group, FILES) != check.state_of(group, after)} == again


def test_the_files_are_those_of_the_repository(check):
    known = check.files()
    assert {"uv.lock", "infra/check.py"} <= set(known)
    assert not [name for name in known if name.startswith((".venv/", ".local/"))]


def test_every_test_is_in_one_group(check):
    found = [
        file.resolve()
        for places, _ in check.TESTS.values()
        for place in places
        for file in ([PROJECT / place] if place.endswith(".py") else (PROJECT / place).rglob("test_*.py"))
    ]
    wanted = {*PROJECT.glob("libs/**/test_*.py"), *PROJECT.glob("infra/**/test_*.py")}
    wanted |= {
        *PROJECT.glob("services/*/tests/**/test_*.py"),
        *PROJECT.glob("tests/architecture/**/test_*.py"),
    }
    assert wanted <= set(found)
    assert len(found) == len(set(found))


def test_tests_import_from_the_services_that_their_group_depends_on(check):
    """Another one's change would not run them again."""
    strangers = []
    for places, depends_on in check.TESTS.values():
        files = [file for place in places for file in (PROJECT / place).rglob("*.py")]
        files += [PROJECT / place for place in places if place.endswith(".py")]
        for file in files:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                names = [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                strangers += [
                    f"{file}: {name}"
                    for name in names
                    if (package := name.partition(".")[0]) in SERVICES
                    and not any(fnmatch(f"services/{package}/x.py", pattern) for pattern in depends_on)
                ]
    assert strangers == []
