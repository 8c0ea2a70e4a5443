"""Installation: a database and the storage that is its own, which bears its id."""

from sqlmodel import Field, SQLModel


class Installation(SQLModel, table=True):
    """The one row comes with the table, and never changes."""

    id: str = Field(primary_key=True)
