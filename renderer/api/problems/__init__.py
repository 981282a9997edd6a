"""What is answered when something is wrong: RFC 9457 problem details."""

from renderer.api.problems.error import ProblemError
from renderer.api.problems.model import FieldError, Problem

__all__ = ["FieldError", "Problem", "ProblemError"]
