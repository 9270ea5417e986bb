"""What can be wrong on this machine."""


class Problem(Exception):
    """A sentence for a person: what is wrong, and what to do."""
