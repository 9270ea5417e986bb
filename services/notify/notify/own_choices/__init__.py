"""What people chose about how they are told, on the record."""
