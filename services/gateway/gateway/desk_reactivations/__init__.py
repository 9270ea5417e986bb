"""復用: the desk's pages of evidence for frozen and disabled accounts."""
