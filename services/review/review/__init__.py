"""Review: a unit's work queue, its cases and their decisions."""
