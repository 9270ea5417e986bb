"""Access tokens for downstream systems (OAuth 2.0), and what they find the portal by."""
