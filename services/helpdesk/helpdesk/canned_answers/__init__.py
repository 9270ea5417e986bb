"""Answers that are kept ready, and the views that an agent keeps."""
