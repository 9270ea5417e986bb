"""What people of the desk did, told to the audit log."""
