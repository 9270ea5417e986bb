"""Bytes in and out of the object store."""
