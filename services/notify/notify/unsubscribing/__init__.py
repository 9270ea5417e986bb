"""Stopping mails that can be done without, by the link that each of them carries."""
