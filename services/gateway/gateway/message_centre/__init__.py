"""What people were told, and how they want to be told."""
