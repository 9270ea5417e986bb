"""One-time codes, and the mailboxes and telephones they go to."""
