"""Suppressions: addresses that nothing is sent to, why, since when, and who took one off the list."""
