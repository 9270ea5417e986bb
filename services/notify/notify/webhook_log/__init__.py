"""What was sent to a webhook and answered, and what operators do about it."""
