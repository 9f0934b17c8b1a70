"""What forms say of a field: why it is not edited, what is wrong with what was typed, and what became of it."""

from __future__ import annotations

from typing import Final

from b24syncd.web.console.language import marked

SENTENCES: Final = (
    # why a field is not edited here, and what to know before it is
    marked("files are not edited here: add them in the card of the portal"),
    marked("products are not edited here: the portal reckons with them in its card"),
    marked("it is edited as phones and e-mails"),
    marked("it links to a list outside of the CRM, which this program does not read"),
    marked("estimates are not edited here"),
    marked("places are not edited here: choose them in the card of the portal"),
    marked("bookings are not edited here"),
    marked("the portal does not let it be changed"),
    marked("the portal lets it be set when an item is created, and not changed"),
    marked("the portal keeps it for older programs; another field has taken its place"),
    marked("the portal sets it by itself"),
    marked("programs tell by it what they added"),
    marked("the portal reckons it from the products"),
    marked("the portal does not tell which items it links to"),
    marked("the portal showed a value that is none of its type"),
    marked(
        "the portal reckons it from the products of the item: what is typed stays only with a manual amount"
        " (isManualOpportunity)"
    ),
    # what is wrong with what was typed
    marked("it is required"),
    marked("the portal does not let it be empty"),
    marked("the portal never lets the last of several values go: empty it in the card of the portal"),
    marked("write a value"),
    marked("it holds several values"),
    marked("it holds one value"),
    marked("items of this type have no phones and e-mails"),
    # what became of it
    marked("the answer was lost; reading shows that it was saved"),
    marked("it stands there already"),
    marked("somebody changed it since it was shown; nothing was written"),
    marked("somebody changed it in the moment of saving; theirs is newer, and came back"),
    marked("it is gone"),
    marked("nothing was written"),
    marked("the portal answered that it was done, but the item does not show it"),
    marked("the answer was lost; the next work of this program tells what became of it"),
    marked("the answer was lost; the next work of this program tells whether it was added"),
    marked("the answer was lost; the portal has none, so that adding it again does no harm"),
    marked(
        "the answer was lost, and items of this type carry nothing by which reading could tell: look in the portal"
        " whether it is there before you add it again"
    ),
)

PATTERNS: Final = (
    marked("this program has no control for fields of the type {}"),
    marked("fields of the type {} are not edited here"),
    marked("users are shown by their numbers: the {} lacks the permission `user_brief`"),
    marked("will be saved as {}"),
    marked("several values: {}; write each by itself"),
    marked("it is saved as it is: {}, perhaps {}"),
    marked("it is saved as it is: {}"),
    marked("the portal keeps it as {}"),
    marked("it has {} characters; the portal takes {}"),
    marked("it has {} characters; the field takes {}"),
    marked("it has {} characters; the field wants at least {}"),
    marked("{} is no number; write one as 1500 or 1 500,50"),
    marked("{} is no whole number; write one as 1500"),
    marked("{} is out of range; write a number from {} to {}"),
    marked("{} is out of range; write a number from {}"),
    marked("{} is out of range; write a number to {}"),
    marked("{} is no amount of money with its currency; write both, as 1500 RUB"),
    marked("{} is neither yes nor no; write yes or no for {}"),
    marked("{} is no day; write one as 2026-01-31 or 31.01.2026"),
    marked("{} is no day with a time; write both, as 2026-01-31 09:00 or 31.01.2026 09:00"),
    marked("{} is no user; choose one for {}, or write the number of one"),
    marked("{} is no item; choose one, or write it as {}"),
    marked("the field does not link to items of the type {}; choose one, or write it as {}"),
    marked("the list has no value {}"),
    marked("write one of {} as its type"),
    marked("user {}"),
)
"""With what is put into them."""
