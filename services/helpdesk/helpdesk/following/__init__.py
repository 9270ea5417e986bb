"""What the person who wrote may do with the secret link of their ticket."""
