"""值機: the roster, and what one shift hands over to the next."""
