"""Why there is nothing to show."""

MOST_CASES = 10


class NoSuchAccount(Exception):
    """No account has this id."""
