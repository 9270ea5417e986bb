"""All cases as they are now, for downstream systems."""
