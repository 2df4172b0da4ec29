from typing import Any


def masked(rule: Any, expression: Any) -> Any:
    raise LookupError(rule)
