"""What operators look for among deliveries, and sending one once more."""
