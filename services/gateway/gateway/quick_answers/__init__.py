"""Quick answers of the desk: found while an agent types, written, decided, due for review."""
