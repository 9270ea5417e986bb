"""Hand-made AMQP and arrays, each where the plain library call costs the whole a tenth or more (docs/fast-path.md)."""
