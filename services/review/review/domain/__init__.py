"""The rules of review: routes, working days, cases, what changed. Standard library only."""
