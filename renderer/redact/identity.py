"""Who somebody is: hidden, given a name that means nothing elsewhere, or shown."""

import hashlib
import hmac
import re
from typing import Any, Final

from renderer.redact.policy.model import Policy

HIDDEN: Final = "•••"
_SIGNS = re.compile(r"[^a-z0-9]")
# Names by which somebody is known to the systems around: the ones that a hash stands for.
_IDS: Final = frozenset(
    {
        "distinctid", "userid", "anondistinctid", "deviceid", "anonymousid", "personid", "accountid", "customerid", "enduserid",
        "identify", "useridentifier", "alias",
    }
)  # fmt: skip
# Everything that is known of a person, as one mapping.
_WHOLE: Final = frozenset(
    {"set", "setonce", "personproperties", "personpropertiesforflags", "person", "traits", "userproperties", "unset"}
)
_DETAILS: Final = frozenset(
    {
        "email", "emailaddress", "useremail", "mail", "phone", "phonenumber", "mobile", "telephone", "firstname", "lastname",
        "fullname", "givenname", "familyname", "surname", "username", "dateofbirth", "birthday", "dob", "street", "address",
        "streetaddress", "postalcode", "zipcode", "zip", "city", "ip", "ipaddress", "clientip", "clientaddress", "geoip",
        "latitude", "longitude", "userfullname", "useragentip",
    }
)  # fmt: skip


# Names whose values join records of one system to those of another: `$ai_trace_id`, `parentSpanId`, `gen_ai.response.id`.
_JOINING: Final = re.compile(
    r"(?:trace|span|parent|root|request|response|generation|completion|call|conversation|thread|message|run|session|window"
    r"|event|correlation|insert|pageview|tool|evaluation|experiment|prompt|recording|replay|answer|turn|exchange|feedback|chat)(?:uu)?id\Z|\Auuid\Z"
)
_ONE_WORD = re.compile(r"[0-9A-Za-z_\-]{6,128}")


def plain(name: str) -> str:
    """A property's name without signs and capitals: `$userId`, `user_id` and `user-id` are one."""
    return _SIGNS.sub("", name.lower())


def is_personal(name: str) -> bool:
    short = plain(name)
    return short in _IDS or short in _WHOLE or short in _DETAILS or short.startswith("geoip")


def joins(name: str, value: str) -> bool:
    """Whether a property is an identifier that records are joined by: by its name, and one word as identifiers are."""
    return _JOINING.search(plain(name)) is not None and _ONE_WORD.fullmatch(value) is not None


def shown(name: str, value: Any, policy: Policy) -> Any:
    """What a personal property becomes; itself when the policy shows people."""
    if policy.person == "show" or value in (None, "", HIDDEN):
        return value
    if policy.person == "hash" and plain(name) in _IDS and isinstance(value, str | int):
        return pseudonym(str(value), policy)
    return {} if isinstance(value, dict) else [] if isinstance(value, list) else HIDDEN


def pseudonym(value: str, policy: Policy) -> str:
    """The same for the same person under the same salt; without the salt nobody can try names out."""
    if value.startswith("person-") and len(value) == 19:
        return value
    return "person-" + hmac.new(policy.salt.encode(), value.encode(), hashlib.sha256).hexdigest()[:12]
