"""Floor 1: bytes. Knows handles and sizes; no tenant, no row, no status."""
