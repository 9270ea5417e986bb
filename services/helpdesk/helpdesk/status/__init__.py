"""What works and what does not, for everybody."""
