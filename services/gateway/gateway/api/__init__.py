"""The JSON API: the same journey for programs, described by the same shapes."""
