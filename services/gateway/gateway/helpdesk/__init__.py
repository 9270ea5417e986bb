"""The desk: its queue, its tickets, and what it offers to programs."""
