"""Deliveries: what is sent to whom by which channel, each attempt, and the senders that do it."""
