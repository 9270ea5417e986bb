"""A session: begun by a login, kept alive, ended; the list of one's own."""
