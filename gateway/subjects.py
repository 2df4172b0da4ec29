"""What the access log calls a data subject: from a reference (``p_7QK2M9``) to its pseudonym. The way back is closed."""

from __future__ import annotations

from collections.abc import Mapping

from auth.audit.record import Pseudonyms

PREFIXES: Mapping[str, str] = {"Person": "p", "LegalEntity": "e", "Vehicle": "v"}
"""The records that have a reference in every database, and its prefix."""

_TYPES = {prefix: type_name for type_name, prefix in PREFIXES.items()}


def pseudonym_of(reference: str, pseudonyms: Pseudonyms | None) -> str:
    """The pseudonym of the record that a reference stands for. ValueError where it is none, or there is no log."""
    type_name = _TYPES.get(reference.partition("_")[0])
    if type_name is None or pseudonyms is None:
        raise ValueError("no subject that the log could be searched for")
    return pseudonyms.subject(type_name, reference).pseudonym
