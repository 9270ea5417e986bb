"""What is inspected in an upload, and how it is rebuilt so that nothing in it can act."""
