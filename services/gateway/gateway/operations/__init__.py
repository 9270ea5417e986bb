"""What operators do: one entry card a tool."""
