"""Chunks of broadcasts: people who are frozen together, and what became of them."""
