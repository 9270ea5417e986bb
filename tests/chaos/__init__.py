"""Break the event path on purpose, and prove that nothing is lost, doubled, swapped or invented."""
