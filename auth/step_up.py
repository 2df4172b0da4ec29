"""How surely the caller is who they say, and what they are asked for when it is not enough (RFC 9470).

The issuer says in ``acr`` how it made sure, and in ``auth_time`` when. Face verification (人脸识别) is one way to reach the
upper level, never the only one; how it was reached does not matter here.
"""

from __future__ import annotations

from dataclasses import dataclass

ORDINARY = 1
"""An ordinary login, or one whose time or strength is not known."""
STRONG = 2
"""Two factors, recently."""


@dataclass(frozen=True, kw_only=True)
class StepUp:
    """What an issuer counts as strong: one of `acr_values` (best liked first), at most `max_age` seconds ago."""

    acr_values: tuple[str, ...] = ("2",)
    max_age: int = 300

    def lasts_until(self, acr: str | None, auth_time: int | None) -> float:
        """The second since 1970 from which on the login is an ordinary one; 0 when it never was more."""
        return 0.0 if auth_time is None or acr not in self.acr_values else float(auth_time + self.max_age)

    def challenge(self) -> str:
        """The parameters of ``WWW-Authenticate`` that ask for it (RFC 9470 section 3)."""
        return (
            'error="insufficient_user_authentication", '
            'error_description="A stronger or more recent authentication is required", '
            f'acr_values="{" ".join(self.acr_values)}", max_age="{self.max_age}"'
        )


USUAL = StepUp()
