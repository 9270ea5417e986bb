"""Passwords and codes that are tried: how often, how long whoever fails has to wait, and which devices are known."""
