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
    ("border", "accounts/submission/actions.py", "from mtnet_contracts.events import ApplicationSubmitted"),
    ("services", "review/cases/actions.py", "import accounts.service"),
    ("libraries", "mtnet_chassis/settings.py", "import review.service"),
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
    """What import-linter says of the packages in `folder` under the project's own rules."""
    done = subprocess.run(
        [str(LINTER), "--config", str(ROOT / "pyproject.toml"), "--no-cache", "--no-logo"],
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


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The real packages beside each other, where a test may spoil them."""
    folder = tmp_path_factory.mktemp("tree")
    for place in (
        "libs/contracts",
        "libs/chassis",
        *(f"services/{p.name}" for p in (ROOT / "services").iterdir()),
    ):
        for package in RULES["root_packages"]:
            if (ROOT / place / package / "__init__.py").exists():
                shutil.copytree(ROOT / place / package, folder / package)
    assert {each.name for each in folder.iterdir()} == set(RULES["root_packages"])
    return folder


@pytest.fixture
def spoil(copy):
    """`spoil(module, line)` adds the line to a module of the copy until the test is over."""
    before = {}

    def spoil(module, line):
        file = copy / module
        before[file] = file.read_text(encoding="utf-8")
        file.write_text(f"{before[file]}\n{line}\n", encoding="utf-8")

    yield spoil
    for file, text in before.items():
        file.write_text(text, encoding="utf-8")


def test_the_tree_keeps_its_import_rules(copy):
    assert verdicts(lint(copy)) == dict.fromkeys(NAMES, "KEPT")


@pytest.mark.parametrize(("rule", "module", "line"), VIOLATIONS)
def test_an_import_against_the_rule_is_caught(copy, spoil, rule, module, line):
    spoil(module, line)
    said = lint(copy)
    assert verdicts(said)[rule] == "BROKEN"
    importer = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    section = said.partition("Broken contracts")[2].partition(f"\n{NAMES[rule]}\n")[2]
    assert re.search(rf"^- +{re.escape(importer)} -> ", section, re.M), said


def test_every_rule_has_been_seen_failing():
    assert {rule for rule, _, _ in VIOLATIONS} == set(NAMES)
