"""What may be opened of the files that people send, and who looks for viruses in them."""
