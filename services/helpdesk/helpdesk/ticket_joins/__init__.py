"""Tickets that belong together: merged, split, linked, and each undone."""
