"""The events that review announces, by topic."""
