"""The audit log: who looked at what and who logged in, as a hash chain that the database refuses to change."""
