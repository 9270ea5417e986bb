"""The events that accounts announces, by topic."""
