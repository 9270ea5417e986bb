"""The operator's `mtnet` command."""
