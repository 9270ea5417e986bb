"""The search over tickets: what its index holds, and which numbers it finds."""
