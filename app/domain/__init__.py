"""Floor 0: what a Volume and a Snapshot are, and what may be done with them."""
