"""SQL of preferences: a row for each category that a person chose for."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.notices import Category

from notify.contact_points.rules import Person
from notify.preferences.rules import Channels


class PreferenceStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def chosen(self, persons: Collection[Person]) -> Mapping[Person, Mapping[Category, Channels]]:
        """What each chose; nothing stands for a person or category without a choice."""
        found: dict[Person, dict[Category, Channels]] = defaultdict(dict)
        for kind, id_, category, channels in self._tx.execute(
            "SELECT p.person_kind, p.person_id, p.category, p.channels FROM preference p"
            " JOIN unnest(%s::text[], %s::uuid[]) AS wanted (kind, id)"
            " ON p.person_kind = wanted.kind AND p.person_id = wanted.id",
            ([each.kind for each in persons], [each.id for each in persons]),
        ):
            found[Person(kind, id_)][Category(category)] = frozenset(channels)
        return found

    def keep(self, person: Person, chosen: Mapping[Category, Channels], at: datetime) -> None:
        self._tx.execute(
            "INSERT INTO preference (person_kind, person_id, category, channels, chosen_at)"
            " SELECT %s, %s, category, string_to_array(channels, ' '), %s"
            " FROM unnest(%s::text[], %s::text[]) AS chosen (category, channels)"
            " ON CONFLICT (person_kind, person_id, category)"
            " DO UPDATE SET channels = EXCLUDED.channels, chosen_at = EXCLUDED.chosen_at",
            (
                person.kind,
                person.id,
                at,
                list(chosen),
                [" ".join(sorted(channels)) for channels in chosen.values()],
            ),
        )

    def take_over(self, application: Person, account: Person) -> None:
        """What the owner of the account chose already stays."""
        self._tx.execute(
            "WITH moved AS (DELETE FROM preference WHERE person_kind = %s AND person_id = %s"
            " RETURNING category, channels, chosen_at)"
            " INSERT INTO preference (person_kind, person_id, category, channels, chosen_at)"
            " SELECT %s, %s, category, channels, chosen_at FROM moved ON CONFLICT DO NOTHING",
            (application.kind, application.id, account.kind, account.id),
        )

    def forget(self, person: Person) -> None:
        self._tx.execute(
            "DELETE FROM preference WHERE person_kind = %s AND person_id = %s", (person.kind, person.id)
        )
