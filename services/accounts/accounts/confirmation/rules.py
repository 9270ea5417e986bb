"""Why somebody who is logged in could not be recognised once more."""


class ConfirmationFailed(Exception):
    """The password is wrong, or was tried too often."""
