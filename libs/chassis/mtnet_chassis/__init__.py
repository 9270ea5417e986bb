"""Reliable events and calls: stored with the change, sent after it, applied once."""
