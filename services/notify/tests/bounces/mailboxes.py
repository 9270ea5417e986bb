"""The mailbox of bounces as notify opens it."""

from functools import partial

from mtnet_chassis.runtime import imap
from notify.bounces.actions import LARGEST_BYTES

ImapMailbox = partial(imap.ImapMailbox, variable="NOTIFY_BOUNCES_URL", largest_bytes=LARGEST_BYTES)
