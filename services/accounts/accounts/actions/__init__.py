"""What accounts can do, by topic. Each action: load, decide, save, announce."""
