"""Everything that comes in: stored as it arrived, then understood, then handed to the tickets."""
