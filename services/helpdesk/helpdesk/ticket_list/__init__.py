"""The list of tickets: views, filters, counts, what has changed."""
