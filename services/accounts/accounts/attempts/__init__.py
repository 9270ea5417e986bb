"""Passwords and codes that are tried: how often, by whom, and what is counted meanwhile."""
