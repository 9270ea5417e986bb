"""The page of service status, for everybody."""
