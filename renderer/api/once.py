"""What is done once for an `Idempotency-Key`, and every time without one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from renderer.access.caller import Caller
from renderer.api.idempotency import Answer, IdempotencyKeys, fingerprint

Finish = Callable[[Session, Callable[[], Answer]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A request that makes something: `path` and `body` say which, `key` is its Idempotency-Key."""

    keys: IdempotencyKeys
    caller: Caller
    key: str | None
    path: str
    body: Any

    def run(self, act: Callable[[Finish], Answer]) -> Answer:
        """`act` does it and calls what it is given in the transaction that does it, with what makes the answer: which is asked only of
        a request that brought a key, as others wait for the transaction.
        """
        if self.key is None:
            return act(lambda session, answer: None)
        begun = self.keys.begin(self.caller.tenant, self.key, fingerprint("POST", self.path, self.body))
        if isinstance(begun, Answer):
            return begun
        try:
            return act(lambda session, answer: self.keys.finish(session, begun, answer()))
        except BaseException:
            self.keys.forget(begun)
            raise
