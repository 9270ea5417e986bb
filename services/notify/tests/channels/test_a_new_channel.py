"""A made-up channel, one folder and one line in the registry, is picked up everywhere without any other change."""

import os
import shutil
import socket
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import VerificationCodeRequested
from mtnet_contracts.examples import example_of
from notify.channels.registry import channel_plans

SERVICES = ("notify",)
EVERY_SETTING = {
    setting.name: "x"
    for plan in channel_plans().values()
    for setting in plan.settings
    if setting.default is None
} | {
    # Nothing is fetched from LINE in these tests.
    "FILES_URL": "memory:///",
    "NOTIFY_MAIL_FROM": "MTNet <no-reply@mtnet.example>",
    "NOTIFY_SIGNING_KEY": b64encode(b"k" * 32).decode(),
    "NOTIFY_FAX_URL": "smtp://127.0.0.1:9",
    "NOTIFY_FAX_FROM": "fax@mtnet.example",
}
ROOT = Path(__file__).parents[4]
PACKAGES = (
    "libs/contracts/mtnet_contracts",
    "services/notify/notify",
    "infra/sandbox/sandbox",
)
LINE = '        Channel("pigeon", N_("Carrier pigeon")),\n'
LAST_LINE = '        Channel("sms", N_("Text message")),\n'
# What CONTRIBUTING asks for: a connection that renders and sends, and a plan.
ADAPTERS = '''"""The dovecote, over HTTP."""

from notify.channels.rules import ChannelPlan, Limit, Setting
from notify.channels.sms.adapters import SmsConnection, SmsGateway


def connect(settings, links):
    return SmsConnection(SmsGateway(settings["NOTIFY_PIGEON_URL"], settings["NOTIFY_PIGEON_TOKEN"]), links)


CHANNEL = ChannelPlan(
    provider="A dovecote that speaks HTTP.",
    settings=(Setting("NOTIFY_PIGEON_URL", "the dovecote"), Setting("NOTIFY_PIGEON_TOKEN", "our token there")),
    per_second=Limit("NOTIFY_PIGEONS_PER_SECOND", 2),
    connections=Limit("NOTIFY_PIGEON_CONNECTIONS", 2),
    connect=connect,
)
'''


@pytest.fixture(scope="module")
def with_pigeons(tmp_path_factory):
    """The environment of processes that run the real code with one folder and one line more."""
    tree = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / Path(package).name)
    registry = tree / "mtnet_contracts" / "vocabulary" / "channels.py"
    lines = registry.read_text("utf-8")
    assert LAST_LINE in lines
    registry.write_text(lines.replace(LAST_LINE, LAST_LINE + LINE), "utf-8")
    folder = tree / "notify" / "channels" / "pigeon"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Carrier pigeons."""\n', "utf-8")
    (folder / "adapters.py").write_text(ADAPTERS, "utf-8")
    return {"PYTHONPATH": str(tree)}


def run(code, environment, **variables):
    """What the code prints, or the error it ends with."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout + done.stderr


def test_notify_asks_for_its_settings(with_pigeons):
    told = EVERY_SETTING | {
        "NOTIFY_SEALING_PRIVATE_KEY": "x",
        "PORTAL_URL": "x",
        "NOTIFY_PIGEON_URL": "x",
    }
    read = "from notify.settings import settings; print(settings().channels['pigeon'])"
    assert "Set the environment variable NOTIFY_PIGEON_TOKEN." in run(read, with_pigeons, **told)
    told["NOTIFY_PIGEON_TOKEN"] = "y"
    assert "per_second=2, connections=2" in run(read, with_pigeons, **told)


def test_the_page_of_channels_describes_it(with_pigeons):
    page = run("from notify.channels.cli import channels_page; print(channels_page())", with_pigeons)
    assert "## Carrier pigeon Carrier pigeon (`pigeon`)" in page  # nobody has translated it yet
    for row in (
        "| `NOTIFY_PIGEON_URL` | | the dovecote |",
        "| `NOTIFY_PIGEONS_PER_SECOND` | 2 | messages a second |",
    ):
        assert row in page


def test_an_operator_may_read_its_deliveries(with_pigeons):
    read = (
        "from mtnet_contracts.calls.notify.delivery_search import FindDeliveriesRequest\n"
        "print(FindDeliveriesRequest().fields['channel'].validate[0].choices)"
    )
    assert "'pigeon'" in run(read, with_pigeons)


def a_free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def sandbox(with_pigeons):
    """The sandbox as a process, by its address."""
    http_port = a_free_port()
    ports = {"SANDBOX_HTTP_PORT": str(http_port), "SANDBOX_SMTP_PORT": str(a_free_port())}
    tokens = EVERY_SETTING | {"NOTIFY_PIGEON_TOKEN": "pigeon"}
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox"],
        env=os.environ | with_pigeons | ports | tokens,
        stdout=subprocess.PIPE,
    )
    assert b"listening" in process.stdout.readline()
    yield f"http://127.0.0.1:{http_port}"
    process.terminate()
    process.communicate(timeout=10)


@pytest.mark.stack
def test_a_message_is_sent_counted_and_shown_in_the_sandbox(
    with_pigeons, sandbox, topology, run_process, unsealing_key, sealed, publish
):
    process = run_process(
        "serve",
        "notify",
        **with_pigeons,
        **EVERY_SETTING,
        NOTIFY_SEALING_PRIVATE_KEY=unsealing_key,
        NOTIFY_PIGEON_URL=f"{sandbox}/pigeon",
        NOTIFY_PIGEON_TOKEN="pigeon",
        PORTAL_URL="https://mtnet.example",
    )
    fault = {"channel": "pigeon", "mode": "busy", "count": 1}
    assert httpx.put(f"{sandbox}/api/faults", json=fault).status_code == 200
    challenge_id = uuid4()
    publish(
        replace(
            example_of(VerificationCodeRequested),
            event_id=new_event_id(),
            challenge_id=challenge_id,
            channel="pigeon",
            recipient="the lighthouse",
            sealed_code=sealed("482913", challenge_id),
            expires_at=datetime.now(UTC) + timedelta(minutes=10),
        )
    )

    def received():
        return httpx.get(f"{sandbox}/api/messages", params={"channel": "pigeon"}).json()

    eventually(received, seconds=30)
    (message,) = received()
    assert (message["to"], message["text"][:6]) == ("the lighthouse", "482913")
    page = httpx.get(f"{sandbox}/?lang=en").text
    assert "Carrier pigeon" in page
    accepted = 'mtnet_messages_total{channel="pigeon",outcome="accepted"} 1.0'
    eventually(lambda: accepted in process.get("/metrics")[1])
    assert 'mtnet_provider_away{channel="pigeon"} 0.0' in process.get("/metrics")[1]
    assert 'mtnet_message_age_seconds{channel="pigeon"}' in process.get("/metrics")[1]
