"""Preferences: on which channels a person wants to be told what."""
