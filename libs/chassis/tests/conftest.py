"""The chassis is tested on databases with its own tables only."""
