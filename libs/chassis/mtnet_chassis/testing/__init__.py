"""What the tests of a service need: databases, virtual hosts, real processes."""
