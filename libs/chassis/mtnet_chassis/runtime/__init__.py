"""A running service: its start and stop, its timers, and what its code says it needs."""
