"""Sizes that the gateway and a service have to agree on. Those of single fields stand with the fields."""

# The stamped form (handout, 用印檔案: a scan of up to 10 MB).
LARGEST_FILE_MEGABYTES = 10
LARGEST_FILE_BYTES = LARGEST_FILE_MEGABYTES * 1024 * 1024
MOST_FILE_PAGES = 20
LONGEST_FILENAME = 200
# An idempotency key.
LONGEST_KEY = 200
