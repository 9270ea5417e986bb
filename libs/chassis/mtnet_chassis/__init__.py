"""Reliable events and calls: stored with the change, sent after it, applied once."""

import os
import warnings

# We know (ADR 0005), and nobody needs to read it at every command. This runs before anything here imports eventlet.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")  # see runtime/lookups.py
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
