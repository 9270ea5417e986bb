"""Mail that comes back: reports in a mailbox that the portal reads over IMAP."""
