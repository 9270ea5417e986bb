"""The privacy notice that is asked for at a login, and what was agreed to."""
