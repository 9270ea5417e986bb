"""What operators did here, told to the audit log."""
