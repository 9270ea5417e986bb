"""SQL of the working calendar."""

from datetime import date

from mtnet_chassis.data.database import Tx


class CalendarStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def holidays_from(self, day: date) -> list[date]:
        return [
            row[0]
            for row in self._tx.execute("SELECT day FROM desk_holiday WHERE day >= %s", (day,)).fetchall()
        ]
