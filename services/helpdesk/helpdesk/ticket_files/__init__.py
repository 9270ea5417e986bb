"""The files of tickets, for those who may open them."""
