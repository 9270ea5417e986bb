"""A downstream system to look at: what it gets from the portal, as it arrives."""
