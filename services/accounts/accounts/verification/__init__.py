"""One-time codes, the mailboxes and telephones they go to, known devices, and limits on guessing."""
