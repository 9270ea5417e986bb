"""Reliable events and calls: stored with the change, sent after it, applied once."""

import warnings

# We know (ADR 0005), and nobody needs to read it at every command. This runs before anything here imports eventlet.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
