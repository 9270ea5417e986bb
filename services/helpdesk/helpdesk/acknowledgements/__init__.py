"""Who has written is told at once that it came in: once for each ticket, and never more than a mailbox can bear."""
