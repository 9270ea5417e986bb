"""Content: what the portal tells everybody."""
