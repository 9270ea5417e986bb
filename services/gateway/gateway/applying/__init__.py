"""Apply for an account."""
