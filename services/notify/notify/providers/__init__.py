"""Providers: the pace and health of each, shared by all processes, and how much went out."""
