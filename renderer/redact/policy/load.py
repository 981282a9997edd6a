"""Reading a policy: a name, or a TOML file that starts from the default and says what is different."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from renderer.errors import RequestError
from renderer.redact.policy import expressions, selectors
from renderer.redact.policy.model import DEFAULT, NONE, OFF, Policy

_LONGEST_BYTES: Final = 1 << 20
_SALT_LENGTH: Final = 16
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OWN = frozenset({"name", "off"})  # said by us, not by files


def load_policy(reference: str) -> Policy:
    """ "default", "off", or the path of a TOML file. Raises RequestError: policy_not_found, bad_policy.

    A file starts from the default unless it says `extends = "none"`: its lists are added to the default's, its other
    values replace them.
    """
    if reference in {"default", "off"}:
        return DEFAULT if reference == "default" else OFF
    path = Path(reference)
    told = _read(path)
    base = _base(told.pop("extends", "default"), path.name)
    try:
        policy = Policy.model_validate(_merged(base.model_dump(exclude=set(_OWN)), _without_own(told, path.name)))
    except ValidationError as error:
        raise _bad(path.name, *_said(error, told)) from None
    policy = policy.model_copy(update={"name": path.name})
    _check(policy)
    return policy


def named_policy(name: str, folder: Path | None) -> Path | None:
    """The file of the policy `name` in `folder`: `support` is support.toml there. None when there is none of that name."""
    if folder is None or not _NAME.fullmatch(name):
        return None
    path = folder / f"{name}.toml"
    return path if path.is_file() else None


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LONGEST_BYTES:
            raise RequestError("bad_policy", f"the policy {path.name} is larger than 1 MiB; give a policy's TOML file")
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise RequestError(
            "policy_not_found", f'there is no policy file {path}; give "default", "off" or the path of a TOML file'
        ) from None
    except (OSError, ValueError) as error:
        if isinstance(error, OSError):
            why = f"cannot be read ({error.strerror}); give a file that can"
        elif isinstance(error, tomllib.TOMLDecodeError):
            why = f"is not TOML ({error}); mend that place"
        else:
            why = "is not a UTF-8 text; save it as UTF-8"
        raise RequestError("bad_policy", f"the policy {path.name} {why}") from None


def _base(extends: Any, file: str) -> Policy:
    if extends not in ("default", "none"):
        raise _bad(file, "extends", f"{_shown(extends)} is no policy to start from", 'write "default" or "none"')
    return DEFAULT if extends == "default" else NONE


def _without_own(told: dict[str, Any], file: str) -> dict[str, Any]:
    for key in _OWN & told.keys():
        raise _bad(file, key, "there is no such key", "leave it out; to switch redaction off, ask for --redact off")
    return told


def _merged(base: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in told.items():
        before = base.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[key] = _merged(before, value)
        elif isinstance(before, tuple | list) and isinstance(value, list):
            # The file's own come first, so that a place in an error message is the file's.
            merged[key] = [*value, *(one for one in before if one not in value)]
        else:
            merged[key] = value
    return merged


def _check(policy: Policy) -> None:
    for list_name in ("mask", "block", "inputs", "show"):
        for number, selector in enumerate(getattr(policy.selectors, list_name)):
            if problem := selectors.problem(selector):
                raise _bad(
                    policy.name, f"selectors.{list_name}[{number}]", f"{_shown(selector)} {problem[0]}", problem[1]
                )
    names = [custom.name for custom in policy.text.custom]
    for number, custom in enumerate(policy.text.custom):
        key = f"text.custom[{number}]"
        if problem := expressions.problem(custom.regex):
            raise _bad(policy.name, f"{key}.regex", f"{_shown(custom.regex)} {problem[0]}", problem[1])
        if names.count(custom.name) > 1 or custom.name in type(policy.text.patterns).model_fields:
            raise _bad(policy.name, f"{key}.name", f"{_shown(custom.name)} is taken", "give it a name of its own")
    if policy.person == "hash" and len(policy.salt) < _SALT_LENGTH:
        raise _bad(
            policy.name, "salt", 'person = "hash" needs a secret', f"add salt = with {_SALT_LENGTH} or more characters"
        )


def _said(error: ValidationError, told: dict[str, Any]) -> tuple[str, str, str]:
    """The key, what is wrong with it, and the mend, of the first mistake."""
    mistake = error.errors(include_url=False)[0]
    place, kind, value = mistake["loc"], mistake["type"], mistake.get("input")
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    if kind == "extra_forbidden":
        known = _keys_at(place[:-1])
        near = difflib.get_close_matches(str(place[-1]), known, 1, 0.5)
        mend = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        return key, "there is no such key", mend
    if kind == "literal_error":
        expected = str(mistake.get("ctx", {}).get("expected", "")).replace("'", '"')
        return key, f"{_shown(value)} is not one of its values", f"write {expected}"
    if kind == "string_pattern_mismatch":
        return key, f"{_shown(value)} is no name", "use small letters, digits, - and _, 40 at most"
    if kind == "missing":
        return key, "it is missing", "each of text.custom needs a name and a regex"
    wanted = {
        "bool": "true or false",
        "string": "a text in quotes",
        "tuple": "a list: [ … ]",
        "model": "a table: [ … ] or { … }",
    }
    word = next((wanted[name] for name in wanted if kind.startswith(name)), None)
    return key, f"{_shown(value)} will not do", f"write {word}" if word and "_too_" not in kind else str(mistake["msg"])


def _keys_at(place: Sequence[str | int]) -> list[str]:
    model: type[BaseModel] = Policy
    for part in place:
        if isinstance(part, int):
            continue
        annotation: Any = model.model_fields[part].annotation
        model = next((one for one in _classes(annotation) if issubclass(one, BaseModel)), model)
    keys = [name for name in model.model_fields if name not in _OWN]
    return ["extends", *keys] if model is Policy else keys


def _classes(annotation: Any) -> Iterable[type]:
    return [one for one in (annotation, *getattr(annotation, "__args__", ())) if isinstance(one, type)]


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}…"


def _bad(file: str, key: str, why: str, mend: str) -> RequestError:
    return RequestError("bad_policy", f"{file}: {key}: {why}; {mend}")
