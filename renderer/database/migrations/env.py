"""Called by alembic for each command; `renderer.database.upgrade` hands over the connection."""

from alembic import context

from renderer.database.tables import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
context.run_migrations()
