"""Events: stored with the change, sent after it, applied once in effect."""
