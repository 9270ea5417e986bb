"""SQL of LINE: which events are known, who follows us, and who waits to be linked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from mtnet_chassis.data.database import Tx

from notify.contact_points.rules import Person
from notify.line_links.rules import Intent

# Of old events, removed with each webhook, so that the table stays small without a timer.
MOST_REMOVED = 50


@dataclass(frozen=True)
class Following:
    """Whether a LINE user has us as a friend, since when, and when they were last answered."""

    follows: bool
    as_of: datetime
    answered_at: datetime | None


class LineLinkStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def new_events(self, event_ids: Collection[str], at: datetime, kept_since: datetime) -> set[str]:
        """Remember these events. Returns those that were not known. Some that are too old are forgotten."""
        self._tx.execute(
            "WITH old AS MATERIALIZED (SELECT event_id FROM line_event WHERE received_at < %s"
            " ORDER BY received_at LIMIT %s FOR UPDATE SKIP LOCKED)"
            " DELETE FROM line_event WHERE event_id IN (SELECT event_id FROM old)",
            (kept_since, MOST_REMOVED),
        )
        rows = self._tx.execute(
            "INSERT INTO line_event (event_id, received_at) SELECT id, %s FROM unnest(%s::text[]) AS t (id)"
            " ORDER BY id ON CONFLICT (event_id) DO NOTHING RETURNING event_id",
            (at, list(event_ids)),
        ).fetchall()
        return {row[0] for row in rows}

    def owe_answer(self, event_id: str, answer: str, label: str) -> None:
        """Until it is given, the event is answered once more when it comes again."""
        self._tx.execute(
            "UPDATE line_event SET answer = %s, label = %s WHERE event_id = %s", (answer, label, event_id)
        )

    def owed_answers(self, event_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        rows = self._tx.execute(
            "SELECT event_id, answer, label FROM line_event WHERE event_id = ANY(%s) AND answer IS NOT NULL",
            (list(event_ids),),
        ).fetchall()
        return {row[0]: (row[1], row[2]) for row in rows}

    def answered(self, event_ids: Collection[str]) -> None:
        self._tx.execute(
            "UPDATE line_event SET answer = NULL, label = NULL WHERE event_id = ANY(%s)", (list(event_ids),)
        )

    def keep_following(self, user_id: str, follows: bool, as_of: datetime) -> bool:
        """False when something later is known: an old follow does not undo a later unfollow."""
        return bool(
            self._tx.execute(
                "INSERT INTO line_user AS known (user_id, follows, as_of) VALUES (%s, %s, %s)"
                " ON CONFLICT (user_id) DO UPDATE SET follows = EXCLUDED.follows, as_of = EXCLUDED.as_of"
                " WHERE known.as_of < EXCLUDED.as_of",
                (user_id, follows, as_of),
            ).rowcount
        )

    def following(self, user_id: str) -> Following | None:
        row = self._tx.execute(
            "SELECT follows, as_of, answered_at FROM line_user WHERE user_id = %s", (user_id,)
        ).fetchone()
        return Following(*row) if row else None

    def may_answer(self, user_id: str, now: datetime, again_before: datetime) -> bool:
        """Whether the user was last answered before that; if so, now they are."""
        return bool(
            self._tx.execute(
                "INSERT INTO line_user AS known (user_id, follows, as_of, answered_at)"
                " VALUES (%(user_id)s, true, '-infinity', %(now)s)"
                " ON CONFLICT (user_id) DO UPDATE SET answered_at = EXCLUDED.answered_at"
                " WHERE known.answered_at IS NULL OR known.answered_at < %(again_before)s",
                {"user_id": user_id, "now": now, "again_before": again_before},
            ).rowcount
        )

    def begin(self, nonce_digest: bytes, intent: Intent, until: datetime) -> None:
        """In the place of an earlier beginning of this person."""
        self._tx.execute(
            "INSERT INTO line_link_nonce (person_kind, person_id, nonce_digest, user_id, label, until)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (person_kind, person_id) DO UPDATE SET"
            " nonce_digest = EXCLUDED.nonce_digest, user_id = EXCLUDED.user_id, label = EXCLUDED.label,"
            " until = EXCLUDED.until",
            (intent.person.kind, intent.person.id, nonce_digest, intent.user_id, intent.label, until),
        )

    def use(self, nonce_digest: bytes, at: datetime) -> Intent | None:
        """The intent of a nonce that held at that time; it is gone afterwards, whatever it was."""
        row = self._tx.execute(
            "DELETE FROM line_link_nonce WHERE nonce_digest = %s"
            " RETURNING person_kind, person_id, user_id, label, until",
            (nonce_digest,),
        ).fetchone()
        if row is None or at > row[4]:
            return None
        return Intent(Person(row[0], row[1]), row[2], row[3])
