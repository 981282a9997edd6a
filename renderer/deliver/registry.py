"""The destinations that are set up here, by name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from renderer.deliver.system import System, SystemSettings
from renderer.errors import RequestError

Sections = Callable[[str, Iterable[str]], Mapping[str, str]]
"""By a destination's name and its fields, what is set for it: field -> value. Empty when nothing is."""
_CONSOLE: Final = "console"
_WEBHOOK: Final = "webhook"


@dataclass(frozen=True, slots=True)
class Listed:
    """`system`: None of a section of the secrets file that names none. `lacks`: what has to be set before it can be used, empty when it can;
    `wrong`: why it cannot be used although it is set up.
    """

    name: str
    system: type[System] | None
    lacks: tuple[str, ...]
    wrong: str | None

    @property
    def is_ready(self) -> bool:
        return not self.lacks and self.wrong is None


class Destinations:
    """`systems`: all that there are. `sections`: see `Sections`; `names` of destinations that are set up beside those of the systems' own
    names, with the system that each is of.
    """

    def __init__(
        self, systems: Iterable[type[System]], sections: Sections, names: Mapping[str, str] | None = None
    ) -> None:
        self._systems: Final = {system.name: system for system in systems}
        self._sections = sections
        self._names = dict(names or {})

    def system(self, name: str) -> System:
        """Raises RequestError: unknown_destination, destination_not_set_up, destination_bad_setting, destination_bad_url."""
        kind = self.kind(name)
        lacks, wrong, settings = self._settings(name, kind)
        if lacks:
            raise RequestError(
                "destination_not_set_up",
                f"{kind.title} is not set up: set {_listed(lacks)} (see docs/destinations/{kind.name}.md)",
            )
        if wrong is not None or settings is None:
            raise RequestError("destination_bad_setting", wrong or "")
        return _made(name, kind, settings)

    def resolve(self, destination: str) -> tuple[System, str]:
        """Of `zendesk:48213`: the system, and its ticket in the right spelling. Raises RequestError: those of `system`, bad_ticket_reference."""
        name, colon, reference = destination.partition(":")
        if not colon or not reference.strip():
            kind = self.kind(name)
            raise RequestError("bad_ticket_reference", f"say which ticket: {kind.reference_says}")
        system = self.system(name)
        return system, system.ticket(reference.strip())

    def resolve_of_service(self, destination: str) -> str:
        """The destination in its right spelling, as callers of the service may name it. Raises RequestError: those of `resolve`."""
        name = destination.partition(":")[0]
        if not self._is_of_service(name, self.kind(name)):
            raise RequestError(
                "unknown_destination", f"{name[:40]} is for the command line: name a ticket system that the service has"
            )
        _, ticket = self.resolve(destination)
        return f"{name}:{ticket}"

    def of_service(self) -> list[Listed]:
        """As `all`, those that callers of the service may name."""
        return [each for each in self.all() if each.system is not None and self._is_of_service(each.name, each.system)]

    def all(self) -> list[Listed]:
        """By name; those that are set up first."""
        found = [self._listed(name) for name in dict.fromkeys((*self._systems, *self._names))]
        return sorted(found, key=lambda each: (not each.is_ready, each.name))

    def kind(self, name: str) -> type[System]:
        """The system that a destination is of, set up or not. Raises RequestError: unknown_destination, destination_bad_setting."""
        named = self._names.get(name, name)
        if name in self._systems and named != name:
            raise RequestError(
                "destination_bad_setting",
                f"[{name}] in RENDERER_SECRETS_FILE is of the system {named[:40]!r}: give the section another name",
            )
        if named in self._systems:
            return self._systems[named]
        if name in self._names:
            raise RequestError(
                "destination_bad_setting",
                f"[{name[:40]}] in RENDERER_SECRETS_FILE has the system {named[:40]!r}, which there is not: write one of"
                f" {', '.join(sorted(self._systems))}",
            )
        known = sorted({*self._systems, *(own for own, of in self._names.items() if of in self._systems)})
        raise RequestError(
            "unknown_destination", f"clips cannot be delivered there; destinations are {', '.join(known)}"
        )

    @staticmethod
    def _is_of_service(name: str, kind: type[System]) -> bool:
        # It would print on the service's own output, by whatever name; webhooks are the callers' own there.
        return kind.name != _CONSOLE and name != _WEBHOOK

    def _listed(self, name: str) -> Listed:
        try:
            kind = self.kind(name)
        except RequestError as error:
            return Listed(name, None, (), error.message)
        lacks, wrong, settings = self._settings(name, kind)
        if settings is not None:
            try:
                _made(name, kind, settings)
            except RequestError as error:
                wrong = error.message
        return Listed(name, kind, lacks, wrong)

    def _settings(self, name: str, kind: type[System]) -> tuple[tuple[str, ...], str | None, SystemSettings | None]:
        """What lacks, what is wrong, and the settings when neither."""
        fields = kind.settings_type.model_fields
        given: dict[str, Any] = dict(self._sections(name, fields))
        lacks = tuple(
            variable(name, field) for field, about in fields.items() if about.is_required() and not given.get(field)
        )
        if lacks:
            return lacks, None, None
        try:
            return (), None, kind.settings_type.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            return (), f"{variable(name, field)} is wrong: {first['msg'].removeprefix('Value error, ')}", None


def _made(name: str, kind: type[System], settings: SystemSettings) -> System:
    try:
        return kind(settings)  # type: ignore[call-arg]
    except ValueError:  # of an address that Python's own reader chokes on
        raise RequestError(
            "destination_bad_url", f"{kind.title} has an address that cannot be read: check {variable(name, 'url')}"
        ) from None


def variable(name: str, field: str) -> str:
    """The environment variable of a destination's setting."""
    return f"RENDERER_{name.replace('-', '_')}_{field}".upper()


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
