"""Bounces: what comes back to the return paths of mails, read from a mailbox."""
