"""The events that notify announces, by topic."""
