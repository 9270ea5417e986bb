"""障礙申告: the desk's pages of faults and incidents."""
