"""What the helpdesk sees of an account."""
