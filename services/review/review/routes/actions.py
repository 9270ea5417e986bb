"""What cases ask of routes: the way of a new case, and the working days ahead."""

from datetime import datetime

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.dates import taipei_day

from review.routes.rules import Calendar, Stage
from review.routes.store import RouteStore


class Routes:
    """Routes and working days, read in the caller's transaction."""

    def __init__(self, tx: Tx) -> None:
        self._store = RouteStore(tx)

    def way_of_new_case(
        self, identity_type: str, city: str | None, submitted_at: datetime
    ) -> tuple[int, tuple[Stage, ...]]:
        """The id of the route in force when the case was submitted, and the stages of that case.

        Raises LookupError when no route is in force, NoSuchUnit when no centre is responsible for the city.
        """
        route = self._store.route_in_force(identity_type, submitted_at)
        return route.route_id, route.stages_for(city, self._store.centres_by_city())

    def calendar_from(self, now: datetime) -> Calendar:
        """Working days from today on."""
        return Calendar.with_holidays(self._store.holidays_from(taipei_day(now)))
