"""Whoever works at the desk no more: what they held comes free."""
