"""Follow one's cases."""
