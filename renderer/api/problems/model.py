"""A problem, as it is answered."""

from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"

Place = Literal["body", "query", "path", "header", "form"]


class FieldError(BaseModel):
    """One thing that is wrong with what was sent, and where. Values are never repeated: they may be secrets."""

    model_config = ConfigDict(frozen=True)

    detail: Annotated[str, Field(description="What is wrong, and what would be right.")]
    code: Annotated[str, Field(description="A stable word for the kind of mistake.", examples=["extra_forbidden"])]
    location: Annotated[Place, Field(description="Which part of the request it is in.")]
    pointer: Annotated[
        str | None,
        Field(description="In a body: a JSON Pointer (RFC 6901) as a URI fragment.", examples=["#/range/to_ms"]),
    ] = None
    parameter: Annotated[
        str | None, Field(description="Elsewhere: the name of the parameter or header.", examples=["limit"])
    ] = None


class Problem(BaseModel):
    """RFC 9457. `code` is what programs should look at; `detail` is for people."""

    model_config = ConfigDict(frozen=True)

    type: Annotated[str, Field(examples=["urn:problem-type:renderer:clip_not_found"])]
    title: Annotated[str, Field(examples=["Not Found"])]
    status: Annotated[int, Field(ge=400, le=599, examples=[404])]
    detail: Annotated[str, Field(examples=["there is no such clip; check its id"])]
    instance: Annotated[str, Field(description="The path of the request.", examples=["/v1/clips/clip_0"])]
    code: Annotated[str, Field(examples=["clip_not_found"])]
    request_id: Annotated[
        str | None, Field(description="As in the header X-Request-Id: name it when you ask for help.")
    ] = None
    retry_after_s: Annotated[
        int | None, Field(description="Seconds after which the same request may succeed; as in Retry-After.")
    ] = None
    errors: Annotated[
        tuple[FieldError, ...] | None, Field(description="One for each field that is wrong, 20 at most.")
    ] = None


def problem_type(code: str) -> str:
    return f"urn:problem-type:renderer:{code}"


def pointer_to(path: tuple[str | int, ...]) -> str:
    """A JSON Pointer as a URI fragment (RFC 6901, section 6)."""
    words = (str(part)[:100].replace("~", "~0").replace("/", "~1") for part in path)
    return "#" + "".join("/" + quote(word, safe="!$&'()*+,;=:@~") for word in words)
