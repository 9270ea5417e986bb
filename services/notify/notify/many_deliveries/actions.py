"""What can be done with many deliveries at once: see how many wait and what became of them, hold, release, cancel."""

from notify.many_deliveries.store import bulk_waiting, cancel, hold, outcomes_of, release

__all__ = ["bulk_waiting", "cancel", "hold", "outcomes_of", "release"]
