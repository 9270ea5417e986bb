"""Templates: what messages say, in both languages. The texts are in files/, one file per kind and version."""
