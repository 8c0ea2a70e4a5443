"""Floor 2: what the service still owes. Level-triggered: read the row, take the missing step, record the answer."""
