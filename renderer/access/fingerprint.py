"""Which secret a database was made under."""

from typing import Final

from sqlalchemy.orm import Session

from renderer.access.secret import ServiceSecret
from renderer.database.engine import Database
from renderer.database.locks import alone
from renderer.database.tables import ServiceFact
from renderer.errors import SetupError

_NAME: Final = "secret"
_LENGTH: Final = 16


def refuse_other_secret(database: Database, secret: ServiceSecret) -> None:
    """Under another secret every key would be refused and the audit log would look forged, and nothing would say why.

    The first to ask settles which one it is. Raises SetupError `other_secret`.
    """
    ours = secret.digest("fingerprint", "")[:_LENGTH]
    with database.read() as session:
        noted = _noted(session)
    if noted is None:
        with database.write() as session:
            alone(session, "service facts")
            noted = _noted(session)
            if noted is None:
                noted = ours
                session.add(ServiceFact(name=_NAME, value=ours))
    if noted != ours:
        raise SetupError(
            "other_secret",
            "this database was made under another secret: set RENDERER_SECRET_KEY to that one, or put its secret.key into the data folder",
        )


def _noted(session: Session) -> str | None:
    fact = session.get(ServiceFact, _NAME)
    return None if fact is None else fact.value
