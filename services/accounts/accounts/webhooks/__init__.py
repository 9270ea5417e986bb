"""Webhooks of downstream systems: their addresses, and the secrets by which notify signs what it sends there."""
