"""PostgreSQL, files and secrets: what a service keeps, and how it is read and written."""
