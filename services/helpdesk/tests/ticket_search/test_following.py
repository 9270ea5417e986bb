"""The running service follows what others write, also what was written while it was away or its index was lost."""

import shutil
from base64 import b64encode
from uuid import uuid4

import pytest
from helpdesk.recording.actions import record_inbound
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import ActorSigner
from mtnet_chassis.testing.calling import Caller
from mtnet_chassis.testing.pytest_plugin import eventually

from ..builders import KEY, NOW, an_actor, an_inbound

SERVICES = ("helpdesk",)


@pytest.mark.stack
def test_what_another_process_writes_is_searched_by_the_running_service(
    topology, run_process, transactions, tmp_path
):
    environment = {
        "HELPDESK_SEARCH_FOLDER": str(tmp_path),
        "ACTOR_PUBLIC_KEY": b64encode(KEY.public_key().public_bytes_raw()).decode(),
        "PORTAL_URL": "https://portal.example",
    }
    actor = ActorSigner(KEY.private_bytes_raw()).sign(an_actor())
    caller = Caller(topology.amqp_url)

    def write(subject):
        with transactions.transaction() as tx:
            inbound = an_inbound(subject=subject, address=f"c-{uuid4().hex}@example.com")
            return record_inbound(tx, Outbox(tx), inbound, NOW).number

    def found(text):
        reply = caller.call("helpdesk.list_tickets", {"view": "all", "text": text}, actor=actor)
        return [line["number"] for line in (reply["result"] or {}).get("items", ())]

    first = write("船舶進港")
    running = run_process("serve", "helpdesk", **environment)
    eventually(lambda: found("船舶進港") == [first])
    second = write("船舶進港")
    eventually(lambda: found("船舶進港") == [second, first])
    assert running.stop() == 0
    third = write("船舶進港")
    shutil.rmtree(tmp_path / "tickets")
    running = run_process("serve", "helpdesk", **environment)
    eventually(lambda: found("船舶進港") == [third, second, first])
    caller.close()
    assert running.stop() == 0
