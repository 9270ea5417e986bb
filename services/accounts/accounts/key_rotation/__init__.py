"""A new key for what is stored encrypted, while the portal runs."""
