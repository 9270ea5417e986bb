"""What operators do in other services stands in the audit log, once."""

from dataclasses import replace

from accounts.audit import actions, messages
from accounts.audit.store import AuditStore
from mtnet_contracts.events import OperatorActed
from mtnet_contracts.examples import example_of


def test_an_act_of_an_operator_becomes_an_entry_of_the_log(tx):
    event = replace(example_of(OperatorActed), ip="192.0.2.7")
    actions.record(AuditStore(tx), **messages.entry_of(event))
    row = tx.execute(
        "SELECT at, actor_account_id, action, detail, host(ip::inet) FROM audit_entry ORDER BY position DESC LIMIT 1"
    ).fetchone()
    assert row == (
        event.acted_at,
        event.actor_account_id,
        "template_published",
        {"kind": "application_returned", "version": "1004"},
        "192.0.2.7",
    )
