"""Fax codes: a fax number that somebody types counts after the code that was sent there by fax."""
