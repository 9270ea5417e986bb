"""SQL of reactivation cases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row

from helpdesk.reactivations.rules import Case, Person, ReactivationNotFound, State

PLAIN = (
    "reactivation_id", "number", "account_id", "account_name", "name", "organisation_name", "person_key",
    "account_state", "evidence", "reference", "received_on", "opened_at", "state", "checked_at", "reason",
    "decided_at", "refusal_reason", "refusal_note", "version",
)  # fmt: skip
PEOPLE = ("opened_by", "checked_by", "decided_by")
PERSON = ("account_id", "account_name", "name", "person_key")
COLUMNS = ", ".join((*PLAIN, *(f"{who}_{part}" for who in PEOPLE for part in PERSON)))


class ReactivationStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def next_count(self) -> int:
        row = self._tx.execute("SELECT nextval('reactivation_count')").fetchone()
        return int(row[0]) if row else 0

    def add(self, case: Case) -> bool:
        """False where there is an undecided one for the account already."""
        values = _values(case)
        cursor = self._tx.execute(
            f"INSERT INTO reactivation_case ({COLUMNS})"
            f" VALUES ({', '.join(f'%({column})s' for column in values)})"
            " ON CONFLICT (account_id) WHERE state IN ('open', 'checked') DO NOTHING",
            values,
        )
        return cursor.rowcount == 1

    def undecided_number(self, account_id: UUID) -> str | None:
        row = self._tx.execute(
            "SELECT number FROM reactivation_case WHERE account_id = %s AND state IN ('open', 'checked')",
            (account_id,),
        ).fetchone()
        return row[0] if row else None

    def case(self, number: str) -> Case:
        """Raises ReactivationNotFound."""
        return self._case(number, "")

    def case_for_update(self, number: str) -> Case:
        """Raises ReactivationNotFound."""
        return self._case(number, " FOR UPDATE")

    def _case(self, number: str, lock: str) -> Case:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(
                f"SELECT position, {COLUMNS} FROM reactivation_case WHERE number = %s{lock}", (number,)
            ).fetchone()
        if row is None:
            raise ReactivationNotFound
        return _case_of(row)

    def save(self, case: Case) -> None:
        values = _values(case)
        changes = ", ".join(f"{column} = %({column})s" for column in values)
        self._tx.execute(
            f"UPDATE reactivation_case SET {changes} WHERE reactivation_id = %(reactivation_id)s", values
        )

    def of_ticket(self, ticket_id: UUID, most: int) -> list[Case]:
        """Those whose evidence lies in the ticket, or in one that was merged into it, newest first."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                "WITH RECURSIVE family AS (SELECT ticket_id, number FROM ticket WHERE ticket_id = %s"
                " UNION SELECT t.ticket_id, t.number FROM ticket t JOIN family f ON t.merged_into = f.ticket_id)"
                f" SELECT position, {COLUMNS} FROM reactivation_case"
                " WHERE reference = ANY(ARRAY(SELECT family.number FROM family)) ORDER BY position DESC LIMIT %s",
                (ticket_id, most),
            ).fetchall()
        return [_case_of(row) for row in rows]

    def newest(self, *, decided: bool, before: int | None, limit: int) -> list[Case]:
        """Undecided or decided ones, newest first."""
        states = "('approved', 'refused')" if decided else "('open', 'checked')"
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                f"SELECT position, {COLUMNS} FROM reactivation_case WHERE state IN {states}"
                " AND position < coalesce(%s, 2147483647) ORDER BY position DESC LIMIT %s",
                (before, limit),
            ).fetchall()
        return [_case_of(row) for row in rows]


def _values(case: Case) -> dict[str, Any]:
    values = {name: getattr(case, name) for name in PLAIN}
    for who in PEOPLE:
        person = getattr(case, who)
        values |= {f"{who}_{part}": person and getattr(person, part) for part in PERSON}
    return values


def _case_of(row: dict[str, Any]) -> Case:
    people = {
        who: Person(*(row[f"{who}_{part}"] for part in PERSON)) if row[f"{who}_account_id"] else None
        for who in PEOPLE
    }
    plain = {name: row[name] for name in (*PLAIN, "position")}
    return Case(**{**plain, **people, "state": State(row["state"])})
