"""What a password must be, the ones before it, and how a forgotten one is replaced."""
