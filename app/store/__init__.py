"""Floor 1: rows. The only room that says SQL, SQLite or PostgreSQL."""
