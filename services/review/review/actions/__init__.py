"""What review can do: take in submissions, decide cases, show them. Load, decide, save, announce."""
