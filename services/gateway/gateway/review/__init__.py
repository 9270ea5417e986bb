"""The reviewer's work."""
