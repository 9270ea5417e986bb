"""SQL of contact points. What was true later stays, in whatever order the events arrive."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from notify.contact_points.rules import FIRST, Address, ContactPoint, Person

POINT = "p.channel, p.address, p.unreachable_since IS NULL, p.proved_at, p.unreachable_since, p.position = 0"


class ContactPointStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def lock(self, person: Person) -> tuple[bool, UUID | None]:
        """Nobody else changes what this person has until the transaction ends.

        Returns whether they are closed, and the account that an application became.
        """
        row: tuple[bool, UUID | None] | None = self._tx.execute(
            "INSERT INTO person AS known (person_kind, person_id) VALUES (%s, %s)"
            " ON CONFLICT (person_kind, person_id) DO UPDATE SET heard_at = now()"
            " RETURNING known.as_of = 'infinity', known.account_id",
            (person.kind, person.id),
        ).fetchone()
        return row or (False, None)

    def is_of_somebody(self, channel: str, address: str) -> bool:
        row = self._tx.execute(
            "SELECT EXISTS (SELECT FROM contact_point WHERE channel = %s AND address = %s)",
            (channel, address),
        ).fetchone()
        return bool(row and row[0])

    def shared(self, channel: str, addresses: Collection[str]) -> set[str]:
        """Of these, those that more than one person has."""
        rows = self._tx.execute(
            "SELECT address FROM contact_point WHERE channel = %(channel)s"
            " AND lower(address) = ANY(SELECT lower(asked) FROM unnest(%(addresses)s::text[]) AS asked)"
            " GROUP BY address HAVING count(DISTINCT (person_kind, person_id)) > 1",
            {"channel": channel, "addresses": list(addresses)},
        ).fetchall()
        return {row[0] for row in rows}

    def keep(self, person: Person, addresses: Sequence[Address], as_of: datetime) -> bool:
        """These and no others are what events say of this person. False when something later is known."""
        kept = self._tx.execute(
            "INSERT INTO person AS known (person_kind, person_id, as_of) VALUES (%s, %s, %s)"
            " ON CONFLICT (person_kind, person_id) DO UPDATE SET as_of = EXCLUDED.as_of, heard_at = now()"
            " WHERE known.as_of <= EXCLUDED.as_of RETURNING 1",
            (person.kind, person.id, as_of),
        ).fetchone()
        if kept is None:
            return False
        values = {
            "kind": person.kind,
            "id": person.id,
            "channels": [channel for channel, _ in addresses],
            "addresses": [address for _, address in addresses],
            "first": FIRST,
            "as_of": as_of,
        }
        self._tx.execute(
            "DELETE FROM contact_point WHERE person_kind = %(kind)s AND person_id = %(id)s AND position > %(first)s"
            " AND (channel, address) NOT IN (SELECT * FROM unnest(%(channels)s::text[], %(addresses)s::text[]))",
            values,
        )
        self._tx.execute(
            "INSERT INTO contact_point AS known"
            " (person_kind, person_id, channel, address, position, proved_at, state_as_of)"
            " SELECT %(kind)s, %(id)s, channel, address, number, %(as_of)s, %(as_of)s"
            " FROM unnest(%(channels)s::text[], %(addresses)s::text[]) WITH ORDINALITY"
            " AS given (channel, address, number)"
            " ON CONFLICT (person_kind, person_id, channel, address)"
            " DO UPDATE SET position = EXCLUDED.position WHERE known.position > %(first)s",
            values,
        )
        return True

    def points_of(self, persons: Collection[Person]) -> Mapping[Person, list[ContactPoint]]:
        """The first of each channel in front."""
        found: dict[Person, list[ContactPoint]] = defaultdict(list)
        for kind, id_, *point in self._tx.execute(
            f"SELECT p.person_kind, p.person_id, {POINT} FROM contact_point p"
            " JOIN unnest(%s::text[], %s::uuid[]) AS wanted (kind, id)"
            " ON p.person_kind = wanted.kind AND p.person_id = wanted.id"
            " ORDER BY p.person_kind, p.person_id, p.channel, p.position, p.address",
            ([each.kind for each in persons], [each.id for each in persons]),
        ):
            found[Person(kind, id_)].append(ContactPoint(*point))
        return found

    def add_own(self, person: Person, channel: str, address: str, at: datetime) -> None:
        """The person's own address on this channel, in the place of another one; it can be reached."""
        values = {
            "kind": person.kind,
            "id": person.id,
            "channel": channel,
            "address": address,
            "at": at,
            "first": FIRST,
        }
        self._tx.execute(
            "DELETE FROM contact_point WHERE person_kind = %(kind)s AND person_id = %(id)s"
            " AND channel = %(channel)s AND position = %(first)s AND address <> %(address)s",
            values,
        )
        self._tx.execute(
            "INSERT INTO contact_point AS known"
            " (person_kind, person_id, channel, address, position, proved_at, state_as_of)"
            " VALUES (%(kind)s, %(id)s, %(channel)s, %(address)s, %(first)s, %(at)s, %(at)s)"
            " ON CONFLICT (person_kind, person_id, channel, address) DO UPDATE SET position = %(first)s,"
            " proved_at = EXCLUDED.proved_at, unreachable_since = NULL,"
            " state_as_of = greatest(known.state_as_of, EXCLUDED.state_as_of)",
            values,
        )

    def add_own_if_none(self, person: Person, channel: str, address: str, at: datetime) -> None:
        """One that the person gave to the portal already stays."""
        self._tx.execute(
            "INSERT INTO contact_point (person_kind, person_id, channel, address, position, proved_at, state_as_of)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (person.kind, person.id, channel, address, FIRST, at, at),
        )

    def remove(self, person: Person, channel: str, *, since: datetime | None = None) -> int:
        """The person's own address on this channel, with `since` only one proved no sooner. Returns how many."""
        return self._tx.execute(
            "DELETE FROM contact_point WHERE person_kind = %s AND person_id = %s AND channel = %s AND position = %s"
            " AND proved_at >= coalesce(%s, '-infinity'::timestamptz)",
            (person.kind, person.id, channel, FIRST, since),
        ).rowcount

    def mark(self, channel: str, address: str, at: datetime, *, reachable: bool) -> list[Person]:
        """Of all persons with this address, however it is spelled, unless something later is known of it.

        Returns those for whom it is new.
        """
        rows = self._tx.execute(
            "WITH known AS (SELECT person_kind, person_id, unreachable_since IS NULL AS reachable FROM contact_point"
            " WHERE channel = %(channel)s AND lower(address) = lower(%(address)s) AND state_as_of <= %(at)s"
            " ORDER BY person_kind, person_id FOR UPDATE)"
            " UPDATE contact_point p SET state_as_of = %(at)s, unreachable_since ="
            " CASE WHEN %(reachable)s THEN NULL ELSE coalesce(p.unreachable_since, %(at)s) END"
            " FROM known WHERE p.person_kind = known.person_kind AND p.person_id = known.person_id"
            " AND p.channel = %(channel)s AND lower(p.address) = lower(%(address)s)"
            " RETURNING p.person_kind, p.person_id, known.reachable <> %(reachable)s",
            {"channel": channel, "address": address, "at": at, "reachable": reachable},
        ).fetchall()
        return [Person(kind, id_) for kind, id_, is_new in rows if is_new]

    def take_over(self, application: Person, account: Person) -> None:
        """What an applicant gave to the portal is the account's from now on."""
        self._tx.execute(
            "WITH moved AS (DELETE FROM contact_point WHERE person_kind = %(from_kind)s AND person_id = %(from_id)s"
            " AND position = %(first)s RETURNING channel, address, proved_at, unreachable_since, state_as_of)"
            " INSERT INTO contact_point"
            " (person_kind, person_id, channel, address, position, proved_at, unreachable_since, state_as_of)"
            " SELECT %(kind)s, %(id)s, channel, address, %(first)s, proved_at, unreachable_since, state_as_of"
            " FROM moved WHERE NOT EXISTS (SELECT FROM contact_point own WHERE own.person_kind = %(kind)s"
            " AND own.person_id = %(id)s AND own.channel = moved.channel AND own.position = %(first)s)"
            " ON CONFLICT (person_kind, person_id, channel, address) DO UPDATE SET position = %(first)s",
            {
                "from_kind": application.kind,
                "from_id": application.id,
                "kind": account.kind,
                "id": account.id,
                "first": FIRST,
            },
        )
        self._tx.execute(
            "UPDATE person SET account_id = %s WHERE person_kind = %s AND person_id = %s",
            (account.id, application.kind, application.id),
        )

    def forget(self, person: Person) -> None:
        """That there was somebody stays, so that what comes late changes nothing."""
        self._tx.execute(
            "INSERT INTO person (person_kind, person_id, as_of) VALUES (%s, %s, 'infinity')"
            " ON CONFLICT (person_kind, person_id) DO UPDATE SET as_of = 'infinity'",
            (person.kind, person.id),
        )
        self._tx.execute(
            "DELETE FROM contact_point WHERE person_kind = %s AND person_id = %s", (person.kind, person.id)
        )
