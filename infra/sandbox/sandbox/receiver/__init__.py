"""The receiver of a downstream system's webhook: it verifies, shows what came, and misbehaves on demand."""
