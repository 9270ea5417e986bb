"""Routing: which message goes to whom on which channel, when, and where it goes when that fails."""
