"""值機: the desk's pages of the roster and of handing over."""
