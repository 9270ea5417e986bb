"""What owners see and change of their own account: their data, their contacts, and what happened to it."""
