"""Segments: which accounts are written to together."""
