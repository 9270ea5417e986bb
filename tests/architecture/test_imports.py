"""Import directions are checked by import-linter; here each rule of pyproject.toml is shown catching a violation."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")

RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
NAMES = {rule["id"]: rule["name"] for rule in RULES["contracts"]}

# (the rule, a module of the real tree, a line that it may not have)
VIOLATIONS = [
    ("layers", "review/cases/rules.py", "from review.cases import store"),
    ("layers", "review/cases/store.py", "from review.cases import actions"),
    ("layers", "review/routes/store.py", "from review.routes import actions"),
    ("topics-review", "review/routes/actions.py", "from review.cases import rules"),
    ("topics-review", "review/cases/actions.py", "from review import service"),
    ("topics-notify", "notify/deliveries/actions.py", "from notify.messages import actions"),
    ("topics-notify", "notify/templates/actions.py", "from notify.channels import rules"),
    ("layers", "notify/deliveries/actions.py", "from notify.deliveries import sender"),
    ("layers", "notify/channels/sms/rules.py", "from notify.channels.sms import adapters"),
    ("layers", "accounts/audit/store.py", "from accounts.audit import actions"),
    ("layers", "accounts/sessions/actions.py", "from accounts.sessions import shapes"),
    ("layers", "accounts/documents/worker.py", "from accounts.documents.inspection import inspecting"),
    ("topics-accounts", "accounts/registry/actions.py", "from accounts.sessions import rules"),
    ("topics-accounts", "accounts/applications/actions.py", "from accounts.submission import rules"),
    ("topics-accounts", "accounts/tracking/actions.py", "from accounts.documents import rules"),
    ("topics-helpdesk", "helpdesk/requesters/actions.py", "from helpdesk.tickets import rules"),
    ("border", "accounts/submission/actions.py", "from mtnet_contracts.events import ApplicationSubmitted"),
    ("services", "review/cases/actions.py", "import accounts.service"),
    ("libraries", "mtnet_chassis/settings.py", "import review.service"),
    ("libraries", "mtnet_search/words.py", "import helpdesk.service"),
    ("search", "mtnet_search/words.py", "from mtnet_search import tantivy_index"),
    ("chassis-below-search", "mtnet_chassis/settings.py", "import mtnet_search.words"),
    ("subscriber", "mtnet_subscriber/rules.py", "import mtnet_chassis.settings"),
    ("subscriber-layers", "mtnet_subscriber/ledger.py", "from mtnet_subscriber import applying"),
    ("chassis", "mtnet_chassis/broker/topology.py", "from mtnet_chassis.events import retries"),
    ("chassis", "mtnet_chassis/data/files.py", "from mtnet_chassis.broker import connection"),
    ("chassis", "mtnet_chassis/fastpath/frames.py", "from mtnet_chassis.data import database"),
    ("contracts", "mtnet_contracts/codec.py", "import kombu"),
    ("border", "review/cases/actions.py", "from mtnet_contracts.events import CaseOpened"),
    ("border", "review/cases/endpoints.py", "from mtnet_contracts.events import CaseOpened"),
    ("border", "helpdesk/service.py", "import mtnet_contracts.events.review"),
    ("edge", "accounts/audit/store.py", "import eventlet"),
    ("layers", "content/pages/messages.py", "from content.pages import store"),
    ("border", "notify/deliveries/sender.py", "from mtnet_contracts.events import MessageFailed"),
    ("edge", "notify/deliveries/sender.py", "import eventlet"),
    ("edge", "review/cases/messages.py", "import nameko"),
    ("gateway", "gateway/session.py", "from gateway.sessions import pages"),
    ("gateway", "gateway/http/incoming.py", "from gateway import forms"),
    ("gateway", "gateway/rpc/client.py", "from gateway.cache import published"),
    ("gateway-pages", "gateway/public/pages.py", "from gateway.review import pages"),
    ("edge", "gateway/session.py", "from nameko.rpc import rpc"),
]


def lint(folder: Path) -> str:
    """What import-linter says of the packages in `folder` under the project's own rules.

    It remembers there what it read: the second time it reads the files that changed.
    """
    done = subprocess.run(
        [str(LINTER), "--config", str(ROOT / "pyproject.toml"), "--cache-dir", ".read", "--no-logo"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def verdicts(said: str) -> dict[str, str]:
    """KEPT or BROKEN by rule."""
    return {
        rule: found[1] if (found := re.search(rf"^{re.escape(name)} (KEPT|BROKEN)", said, re.M)) else said
        for rule, name in NAMES.items()
    }


def imported_by(line: str) -> str:
    """What import-linter calls the module of a line: packages that are not ours by their first name."""
    package, _, name = line.removeprefix("from ").removeprefix("import ").partition(" import ")
    if package.partition(".")[0] not in RULES["root_packages"]:
        return package.partition(".")[0]
    return package if not name or name[0].isupper() else f"{package}.{name}"


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The real packages beside each other, where a test may spoil them."""
    folder = tmp_path_factory.mktemp("tree")
    for place in (
        "libs/contracts",
        "libs/chassis",
        "libs/search",
        "libs/subscriber",
        *(f"services/{p.name}" for p in (ROOT / "services").iterdir()),
    ):
        for package in RULES["root_packages"]:
            if (ROOT / place / package / "__init__.py").exists():
                shutil.copytree(ROOT / place / package, folder / package)
    assert {each.name for each in folder.iterdir()} == set(RULES["root_packages"])
    return folder


@pytest.fixture(scope="module")
def said_of_the_tree(copy):
    return lint(copy)


@pytest.fixture(scope="module")
def said_of_violations(copy, said_of_the_tree):
    """What import-linter says when all of these lines are there at once; it names each of them under its rule."""
    assert verdicts(said_of_the_tree) == dict.fromkeys(NAMES, "KEPT"), said_of_the_tree
    for _, module, line in VIOLATIONS:
        with (copy / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    return lint(copy)


@pytest.mark.slow  # `make check` has it as a step of its own
def test_the_tree_keeps_its_import_rules(said_of_the_tree):
    assert verdicts(said_of_the_tree) == dict.fromkeys(NAMES, "KEPT"), said_of_the_tree


@pytest.mark.slow  # reads the whole tree twice
@pytest.mark.parametrize(("rule", "module", "line"), VIOLATIONS)
def test_an_import_against_the_rule_is_caught(said_of_violations, rule, module, line):
    assert verdicts(said_of_violations)[rule] == "BROKEN"
    importer = module.removesuffix(".py").replace("/", ".")
    section = said_of_violations.partition("Broken contracts")[2].partition(f"\n{NAMES[rule]}\n")[2]
    section = re.split(r"\n\n\n?(?=[^\n]+\n-+\n)", section)[0]  # up to the next rule
    forbidden = imported_by(line)
    assert re.search(rf"^- +{re.escape(importer)} -> {re.escape(forbidden)}(\.| \()", section, re.M), section


def test_every_rule_has_been_seen_failing():
    assert {rule for rule, _, _ in VIOLATIONS} == set(NAMES)
