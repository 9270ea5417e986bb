"""Two halves of a service that exist only to be measured: changes with events, and their effects."""
