"""The review service: its name, its database and the endpoints of its topics."""

from mtnet_chassis.data.database import Database

from review.cases.endpoints import CaseEndpoints
from review.snapshots.endpoints import SnapshotEndpoints


class ReviewService(CaseEndpoints, SnapshotEndpoints):
    name = "review"

    database = Database()


Service = ReviewService
