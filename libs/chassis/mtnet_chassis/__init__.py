"""Reliable events and calls: stored with the change, sent after it, applied once."""

import warnings

# Known and written down (ADR 0005): nobody need read it at every command. Before anything here imports eventlet.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
