"""Notify: what people are told, by which channel, and what became of it."""
