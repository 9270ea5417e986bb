"""What happened to an account, as its owner may read it: logins, changes, and who looked."""
