"""Testing: a service of one's own, clients of any tenant, and faults on demand, for those who test against it."""
