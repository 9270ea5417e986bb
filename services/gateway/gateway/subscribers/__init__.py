"""Downstream systems: the operator's place for who subscribes to the portal's events."""
