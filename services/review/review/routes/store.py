"""SQL of routes: the route in force, the centres of cities."""

from datetime import datetime

from mtnet_chassis.data.database import Tx

from review.routes.rules import Route, RouteStage


class RouteStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def route_in_force(self, identity_type: str, at: datetime) -> Route:
        """The newest version in force at that moment. Raises LookupError when there is none."""
        route = self._tx.execute(
            "SELECT route_id, version FROM route WHERE identity_type = %s AND in_force_from <= %s"
            " ORDER BY version DESC LIMIT 1",
            (identity_type, at),
        ).fetchone()
        if route is None:
            raise LookupError(f"no route is in force for {identity_type!r}")
        stages = self._tx.execute(
            "SELECT unit, deadline_days FROM route_stage WHERE route_id = %s ORDER BY stage", (route[0],)
        ).fetchall()
        return Route(route[0], identity_type, route[1], tuple(RouteStage(*stage) for stage in stages))

    def centres_by_city(self) -> dict[str, str]:
        return dict(self._tx.execute("SELECT city, unit FROM city_centre").fetchall())
