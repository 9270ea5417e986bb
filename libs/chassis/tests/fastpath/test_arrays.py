"""Packed arrays arrive in PostgreSQL as what they were."""

import struct
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as any_
from mtnet_chassis.fastpath.arrays import bigints, dates, texts, times, uuids

pytestmark = pytest.mark.stack

zones = any_.sampled_from((UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-9, minutes=-30))))


@given(
    any_.lists(any_.integers(-(2**63), 2**63 - 1)),
    any_.lists(any_.text(any_.characters(codec="utf-8", exclude_characters="\x00"))),
    any_.lists(any_.uuids()),
    any_.lists(any_.dates()),
    any_.lists(any_.datetimes(datetime(1900, 1, 1), datetime(3000, 1, 1), timezones=zones)),
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_packed_comes_back(tx, numbers, words, ids, days, moments):
    found = tx.execute(
        "SELECT %s, %s, %s, %s, %s", (bigints(numbers), texts(words), uuids(ids), dates(days), times(moments))
    ).fetchone()
    assert found == (numbers, words, ids, days, moments)


def test_several_are_unnested_side_by_side(tx):
    ids = [uuid4(), uuid4()]
    rows = tx.execute(
        "SELECT * FROM unnest(%s, %s::uuid[], %s::text[])", (bigints([1, 2]), uuids(ids), texts(["a", "乙"]))
    ).fetchall()
    assert rows == [(1, ids[0], "a"), (2, ids[1], "乙")]


def test_what_does_not_fit_is_refused_by_name(tx):
    with pytest.raises(struct.error):
        bigints([2**63])
    with pytest.raises(TypeError):
        times([datetime(2026, 1, 1)])
    with pytest.raises(psycopg.DataError):
        tx.execute("SELECT %s", (texts(["a\x00b"]),))
    assert tx.info.encoding == "utf-8"


def test_days_before_2000_and_now(tx):
    assert tx.execute("SELECT %s", (dates([date(1999, 12, 31), date(2026, 11, 24)]),)).fetchone() == (
        [date(1999, 12, 31), date(2026, 11, 24)],
    )
    assert UUID(int=0) in tx.execute("SELECT %s", (uuids([UUID(int=0)]),)).fetchone()[0]
