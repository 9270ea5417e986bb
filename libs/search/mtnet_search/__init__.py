"""Search inside a service: an index of its own texts, in a folder of its own, current within a second."""
