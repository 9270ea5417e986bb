"""What is looked at in an upload, and how pictures are encoded anew."""
