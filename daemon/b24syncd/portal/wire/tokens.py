"""The pair of tokens that an application was given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class TokenPair:
    """An access token, the refresh token that gets the next pair, and what the authorisation server told of them.

    `endpoint` is where it says that methods are called, `user_id` in whose name; the first pair does not tell that.
    """

    access: str
    refresh: str
    scope: str = ""
    endpoint: str = ""
    user_id: int | None = None

    def __repr__(self) -> str:
        return f"<TokenPair of user {self.user_id}>"
