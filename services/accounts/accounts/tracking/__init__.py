"""Follow a case: access by code, its progress, and what review decided."""
