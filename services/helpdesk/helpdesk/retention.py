"""How long the helpdesk keeps personal data, table by table. `docs/retention.md` is written from these rules."""

from __future__ import annotations

from mtnet_chassis.data.retention import Rule, nothing_personal

RULES: tuple[Rule, ...] = (
    Rule(
        table="fault_report",
        holds="what people reported, in their words",
        kept="two years after the fault was resolved",
        because="the same fault may come back",
        expired="resolved_at < %(now)s - interval '2 years'",
    ),
    *nothing_personal("contact_channel", because="the helpdesk's own addresses"),
)
