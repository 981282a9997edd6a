"""What is to be hidden: a policy, frozen, as a file says it or as it is by default."""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

InputKind = Literal[
    "password", "email", "tel", "card", "hidden", "text", "search", "url", "number", "date", "datetime-local", "month",
    "week", "time", "textarea", "select", "contenteditable",
]  # fmt: skip

Texts = tuple[Annotated[StrictStr, Field(min_length=1, max_length=10_000)], ...]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Selectors(Part):
    """CSS selectors. `show` makes exceptions from the other two and from `[inputs]`, never for passwords and cards.

    `recorder`: what the recorder itself was told to hide is hidden as well: "keep" (whatever `show` says), "show" (`show`
    may except from it), "ignore".
    """

    mask: Texts = ()
    block: Texts = ()
    inputs: Texts = ()
    show: Texts = ()
    recorder: Literal["keep", "show", "ignore"] = "keep"


class Inputs(Part):
    """Form fields whose values are masked, whatever is typed into them."""

    types: tuple[InputKind, ...] = ()
    all: StrictBool = False


class Patterns(Part):
    """Kinds of text that are masked wherever they stand."""

    email: StrictBool = False
    card: StrictBool = False
    phone: StrictBool = False
    iban: StrictBool = False
    ip: StrictBool = False
    jwt: StrictBool = False
    api_key: StrictBool = False
    bearer: StrictBool = False


class Custom(Part):
    """A kind of text of one's own, as a regular expression in RE2's syntax."""

    name: Annotated[StrictStr, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    regex: Annotated[StrictStr, Field(min_length=1, max_length=1000)]


class Text(Part):
    patterns: Patterns = Patterns()
    custom: tuple[Custom, ...] = ()


class Urls(Part):
    """`query` and `fragment` of addresses that are shown or followed; `allow`: parameters whose values stay."""

    query: Literal["mask", "drop", "keep"] = "keep"
    fragment: Literal["mask", "drop", "keep"] = "keep"
    allow: Texts = ()


class Network(Part):
    headers: Literal["drop", "scrub"] = "scrub"
    bodies: Literal["drop", "scrub"] = "scrub"


class Llm(Part):
    """`text`: prompts and answers of language models. What is shown is scrubbed as any text is."""

    text: Literal["show", "hide"] = "show"


class Names(Part):
    """Names of attributes, or of properties in events and console objects, whose values are masked whatever they are."""

    mask: Texts = ()


class Policy(Part):
    """A whole policy. `name` is "default", "off" or the file's; everything else is its content. `person_properties`: names of what is told
    of a person that may be seen, scrubbed, although the person is not, such as a plan: for rules.
    """

    name: str = "none"
    off: bool = False
    selectors: Selectors = Selectors()
    inputs: Inputs = Inputs()
    text: Text = Text()
    urls: Urls = Urls()
    network: Network = Network()
    console: Literal["scrub", "drop"] = "scrub"
    llm: Llm = Llm()
    person: Literal["hide", "hash", "show"] = "show"
    person_properties: Texts = ()
    salt: StrictStr = ""
    attributes: Names = Names()
    properties: Names = Names()

    @property
    def is_off(self) -> bool:
        return self.off

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the content: two files that say the same have the same, whatever they are called."""
        content = self.model_dump(mode="json", exclude={"name"})
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


OFF = Policy(name="off", off=True)
NONE = Policy()

# Recorders' own marks, and those of other vendors, which pages carry that changed from one to another.
_MASK = (
    ".ph-mask, .rr-mask, [data-rr-mask], .sentry-mask, [data-sentry-mask], .fs-mask, .fs-mask-without-consent",
    '[data-dd-privacy="mask"], [data-openreplay-masked], [data-openreplay-obscured], [data-clarity-mask]:not([data-clarity-mask="false"])',
)
_BLOCK = (
    ".ph-no-capture, .rr-block, [data-private], [data-rr-block], .sentry-block, [data-sentry-block]",
    '.fs-exclude, .fs-exclude-without-consent, [data-hj-suppress], .data-hj-suppress, [data-dd-privacy="hidden"], [data-openreplay-hidden], [data-openreplay-htmlmasked]',
)
_FIELDS = ('.rr-ignore, .ph-ignore-input, .sentry-ignore, [data-sentry-ignore], [data-dd-privacy="mask-user-input"]',)

_PROPERTIES = (
    "password", "passwd", "pwd", "passphrase", "passcode", "secret", "client_secret", "token", "access_token", "refresh_token",
    "id_token", "auth_token", "api_key", "apikey", "x-api-key", "authorization", "proxy-authorization", "credentials", "cookie",
    "cookies", "set-cookie", "csrf", "csrf_token", "xsrf_token", "session_token", "private_key", "credit_card", "creditcard",
    "card_number", "cardnumber", "cvv", "cvc", "pin", "otp", "ssn", "social_security_number", "iban", "account_number",
)  # fmt: skip

DEFAULT = Policy(
    name="default",
    selectors=Selectors(mask=_MASK, block=_BLOCK, inputs=_FIELDS),
    inputs=Inputs(types=("password", "email", "tel", "card", "hidden")),
    text=Text(
        patterns=Patterns(email=True, card=True, phone=True, iban=True, jwt=True, api_key=True, bearer=True, ip=False)
    ),
    urls=Urls(query="mask", fragment="mask"),
    network=Network(headers="drop", bodies="drop"),
    person="hide",
    properties=Names(mask=_PROPERTIES),
)
