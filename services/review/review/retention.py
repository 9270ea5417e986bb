"""How long review keeps personal data, table by table. `docs/retention.md` is written from these rules."""

from __future__ import annotations

from typing import LiteralString

from mtnet_chassis.data.retention import Rule, nothing_personal

# After five years nobody can claim damages any more (Personal Data Protection Act, 個人資料保護法, Art. 30).
OVER: LiteralString = (
    "review_case.state IN ('approved', 'rejected', 'withdrawn')"
    " AND review_case.submitted_at < %(now)s - interval '5 years'"
    " AND NOT EXISTS (SELECT 1 FROM case_entry AS late WHERE late.application_id = review_case.application_id"
    " AND late.at >= %(now)s - interval '5 years')"
)
OF_A_CASE_THAT_IS_OVER: LiteralString = (
    "application_id IN (SELECT review_case.application_id FROM review_case WHERE " + OVER + ")"
)
KEPT = "five years after the last entry of a decided case"
BECAUSE = "proof of what was decided, until claims lapse (PDPA Art. 30)"


def _part(table: str, holds: str) -> Rule:
    return Rule(table=table, holds=holds, kept=KEPT, because=BECAUSE, expired=OF_A_CASE_THAT_IS_OVER)


RULES: tuple[Rule, ...] = (
    _part("submission", "the answers of each submission; the ID number masked"),
    _part("case_stage", "units that a case went through"),
    _part("case_entry", "who did what with a case; reasons and notes"),
    Rule(
        table="review_case",
        holds="names of applicant and company, account name, fingerprint of the ID number",
        kept=KEPT,
        because=BECAUSE,
        expired=OVER,
    ),
    *nothing_personal("route", "route_stage", "city_centre", because="the bureau's own arrangements"),
)
