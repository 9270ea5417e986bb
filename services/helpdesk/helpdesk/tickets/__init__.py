"""Tickets: opened by what comes in, answered, noted, changed, and their threads."""
