"""Run by Alembic: the steps go through the connection that `schema.migrate` opened, in its one transaction."""

from alembic import context
from sqlmodel import SQLModel

import app.domain.idempotency
import app.domain.installation
import app.domain.journal
import app.domain.snapshot
import app.domain.tenant
import app.domain.volume  # noqa: F401  the imports fill the metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
context.run_migrations()
