"""Downstream systems: which there are, which events they were granted, and their secrets for the broker."""
