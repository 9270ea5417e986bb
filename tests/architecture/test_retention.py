"""Each table of each service has a rule that says how long its personal data is kept; PostgreSQL takes the rules."""

from datetime import UTC, datetime

import pytest
from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.data.retention import CHASSIS_RULES, apply, counts
from mtnet_chassis.operations.retention import page
from mtnet_chassis.runtime.services import migrations_of, retention_of

SERVICES = ("accounts", "content", "helpdesk", "notify", "review")


@pytest.mark.stack
@pytest.mark.parametrize("service", SERVICES)
def test_every_table_has_a_rule(service, make_database):
    transactions = connect_transactions(make_database((migrations_of(service),)))
    now = datetime.now(UTC)
    try:
        with transactions.transaction() as tx:
            tables = tx.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%yoyo%'"
            ).fetchall()
            counts(tx, retention_of(service), now)
        apply(transactions.transaction, retention_of(service), now)
    finally:
        transactions.close()
    ruled = {rule.table for rule in retention_of(service)}
    assert ruled == {name for (name,) in tables}


@pytest.mark.parametrize("service", SERVICES)
def test_a_rule_says_what_is_kept_how_long_and_why(service):
    for rule in retention_of(service):
        assert rule.kept, rule
        assert rule.because, rule


def test_the_page_is_current(request):
    written = (request.config.rootpath / "docs" / "retention.md").read_text()
    assert written == "\n".join(page(SERVICES)) + "\n", "run `make docs` and commit the result"


def test_the_rules_of_the_chassis_come_after_those_of_the_service():
    assert retention_of("review")[-len(CHASSIS_RULES) :] == CHASSIS_RULES
