"""My account: its overview, and what the owner may see and change of it."""
