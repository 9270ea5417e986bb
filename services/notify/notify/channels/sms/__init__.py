"""Text messages over an HTTP gateway."""
