"""Who is who: what downstream systems are told of accounts, and what accounts signs of one."""
