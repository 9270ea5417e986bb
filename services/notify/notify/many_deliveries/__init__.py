"""Many deliveries at once: seen, held, released, cancelled."""
