"""What cases ask of routes: the way of a new case."""

from datetime import UTC, datetime

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.office_calendar import days_left
from prometheus_client import Gauge

from review.routes.rules import Stage
from review.routes.store import RouteStore

OFFICE_CALENDAR_LEFT = Gauge(
    "mtnet_office_calendar_days_left",
    "Days for which holidays are known. After them deadlines are counted by weekends only.",
)
OFFICE_CALENDAR_LEFT.set_function(lambda: days_left(taipei_day(datetime.now(UTC))))


class Routes:
    """Routes, read in the caller's transaction."""

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
