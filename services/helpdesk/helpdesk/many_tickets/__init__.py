"""Many tickets at once: what is asked about all of them, and one answer to each of their people."""
