"""The events that content announces, by topic."""
