"""障礙申告: faults on record, the tickets that report them, and what everybody is told."""
