"""The message centre: what people were told, in full, and how they want to be told."""
