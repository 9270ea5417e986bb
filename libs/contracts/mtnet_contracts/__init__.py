"""The events and calls of the MTNet portal. Plain data: no broker, no database."""
