"""The pre-flight: what speaks for an operation and against it, before anything is sent.

STOP is said only of what Mangopay is known to refuse, or what would surely go wrong; everything else is a notice, for
the operator knows more than we do. Source: https://docs.mangopay.com/api-reference, the errors of each call
"""

from models.operations.checks.check import LATELY, Check, Level
from models.operations.checks.preflight import is_stopped, preflight

__all__ = ["LATELY", "Check", "Level", "is_stopped", "preflight"]
