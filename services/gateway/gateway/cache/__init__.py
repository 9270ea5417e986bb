"""What a gateway process remembers for a moment."""
