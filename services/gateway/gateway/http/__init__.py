"""Requests as they arrive, and what HTTP says of them."""
