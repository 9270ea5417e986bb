"""Files that are chosen for an answer: checked and kept as soon as they come, sent with it later."""
