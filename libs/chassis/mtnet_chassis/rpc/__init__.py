"""Calls: who asks, who may, what was answered before, what is answered now."""
