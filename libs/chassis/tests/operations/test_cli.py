"""What goes wrong for an operator is said in a sentence; a traceback means a mistake of ours."""

import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest
from mtnet_chassis.broker.management import TopologyDiffers
from mtnet_chassis.broker.plan import ServicePlan
from mtnet_chassis.operations import cli

NOWHERE = "127.0.0.1:9"
LETTERS = ["stuck", "list", "ledger.wishes"]


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setattr("mtnet_chassis.telemetry.configure_logging", lambda *_: None)
    monkeypatch.setattr("mtnet_chassis.runtime.services.installed_services", lambda: ("ledger",))

    def run(*words):
        status = cli.main(list(words))
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return status, told.out, told.err

    return run


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (LETTERS, "The broker does not answer"),
        (["topology", "apply"], "The broker's management does not answer"),
        (["migrate", "ledger"], "The database does not answer"),
        (["migrate", "nobody"], "there is no service nobody"),
    ],
)
def test_what_is_away_or_mistyped_is_named(run, monkeypatch, words, sentence):
    monkeypatch.setenv("AMQP_OPERATOR_URL", f"amqp://operator:secret@{NOWHERE}/some")
    monkeypatch.setenv("RABBITMQ_MANAGEMENT_URL", f"http://operator:secret@{NOWHERE}")
    monkeypatch.setenv("MIGRATION_DATABASE_URL", f"postgresql://operator:secret@{NOWHERE}/some")
    status, _, told = run(*words)
    assert status == 1
    assert sentence in told
    assert "secret" not in told


@pytest.mark.slow  # starts a process
def test_a_service_that_does_not_exist_is_named():
    """In a process of its own, since serving patches the standard library."""
    command = [sys.executable, "-W", "ignore", "-m", "mtnet_chassis.operations.cli", "serve", "nobody"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert (
        done.stderr == "There is no service nobody; there are accounts, content, helpdesk, notify, review.\n"
    )


def test_a_mistake_of_ours_keeps_its_traceback(monkeypatch):
    def broken(_):
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "_topology", broken)
    with pytest.raises(ZeroDivisionError):
        cli.main(["topology", "show"])


def test_a_queue_that_differs_is_a_sentence(run, monkeypatch):
    def differs(_):
        raise TopologyDiffers("queue some has arguments {}, wanted {'x-max-length': 5}.")

    monkeypatch.setattr(cli, "_topology", differs)
    assert run("topology", "apply") == (1, "", "queue some has arguments {}, wanted {'x-max-length': 5}.\n")


@pytest.mark.stack
def test_a_mistyped_queue_and_a_wrong_password_are_sentences(run, monkeypatch, broker):
    monkeypatch.setenv("AMQP_OPERATOR_URL", broker.amqp_url)
    status, _, told = run("stuck", "list", "ledger.wish")
    assert (status, told) == (1, "There is no queue ledger.wish.dead on the broker.\n")
    status, _, told = run("stuck", "list", "nobody.wishes")
    assert (status, told) == (1, "There is no service nobody; there are ledger.\n")
    parts = urlsplit(broker.amqp_url)
    place = f"operator:wrong@{parts.hostname}:{parts.port}"
    monkeypatch.setenv("AMQP_OPERATOR_URL", urlunsplit(parts._replace(netloc=place)))
    status, _, told = run(*LETTERS)
    assert (status, told) == (1, "The broker does not know this user or password.\n")


@pytest.mark.stack
def test_applying_tells_what_it_does_not_know_and_removes_it_when_asked(run, monkeypatch, broker):
    monkeypatch.setenv("AMQP_OPERATOR_URL", broker.amqp_url)
    monkeypatch.setenv("RABBITMQ_MANAGEMENT_URL", broker.management_url)
    assert run("topology", "apply")[0] == 0
    monkeypatch.setattr("mtnet_chassis.runtime.services.plan_of", lambda name: ServicePlan(name, (), True))
    status, out, _ = run("topology", "apply")
    assert status == 0
    assert "unwanted queue ledger.batch (0 messages)" in out
    assert "--prune" in out
    assert "removed exchange ledger.dead" in run("topology", "apply", "--prune")[1]
    assert "removed queue ledger.batch" in run("topology", "apply", "--prune")[1]
    assert run("topology", "apply") == (0, "", "")
