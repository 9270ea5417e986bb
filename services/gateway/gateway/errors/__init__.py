"""What is said to a person when something went wrong."""
