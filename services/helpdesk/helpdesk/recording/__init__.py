"""What comes in goes where it belongs: many things at once, each counted once."""
