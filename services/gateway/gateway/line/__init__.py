"""LINE: what its platform tells the portal, and the pages on which people link theirs."""
