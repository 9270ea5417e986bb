"""How long content keeps personal data. `docs/retention.md` is written from these rules."""

from __future__ import annotations

from mtnet_chassis.data.retention import Rule, nothing_personal

RULES: tuple[Rule, ...] = (
    Rule(
        table="faq_draft",
        holds="names of the agents who proposed a question, and of the editors who decided",
        kept="two years after it was decided",
        because="who proposed it is asked when it is to be changed",
        expired="decided_at < %(now)s - interval '2 years'",
    ),
    *nothing_personal("page", "page_source", because="published pages"),
)
