"""Events that were applied long ago are forgotten, those of other groups and later days are not."""

import pytest
from mtnet_chassis.runtime.housekeeping import forget_events

pytestmark = pytest.mark.stack


def test_old_events_are_forgotten(tx):
    tx.execute(
        "INSERT INTO inbox SELECT handler, (now() AT TIME ZONE 'UTC')::date - days, gen_random_uuid()"
        " FROM unnest(ARRAY[0, 30, 31, 400]) AS days, unnest(ARRAY['review.cases', 'other.group']) AS handler"
    )
    assert forget_events(tx, ["review.cases"]) == 2
    assert forget_events(tx, ["review.cases"]) == 0
    assert tx.execute("SELECT count(*) FROM inbox WHERE handler = 'other.group'").fetchone() == (4,)
