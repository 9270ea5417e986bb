"""復用: the way back for the owner of a frozen account, and for that of a disabled one whose evidence was checked."""
