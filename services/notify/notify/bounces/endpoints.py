"""The thread that reads the mailbox of bounces."""

from notify.bounces.actions import BounceReader
from notify.bounces.threads import while_mails_come_back


class BounceEndpoints:
    """One replica reads; what it has taken in is marked as read after the commit."""

    @while_mails_come_back
    def take_in_bounces(self, reader: BounceReader) -> int:
        return reader.read_new()
