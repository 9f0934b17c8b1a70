"""Reason codes of reviews; they are part of the outside and never renamed."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a person must decide; each code with what it says about the raw value."""

    # Phones
    NOT_A_PHONE = "not_a_phone"
    """No number, or digits that are no valid number of any country they may belong to."""
    TOO_SHORT = "too_short"
    """Fewer digits than a phone number has."""
    TOO_LONG = "too_long"
    """More digits than a phone number has."""
    AMBIGUOUS_NUMBER = "ambiguous_number"
    """Two different numbers, each as likely as the other."""
    PLUS_BEFORE_TRUNK_PREFIX = "plus_before_trunk_prefix"
    """A `+` before the region's trunk prefix (`+8 (495) …`): another country is written, the region's number meant."""
    PLUS_BEFORE_AREA_CODE = "plus_before_area_code"
    """A `+` before an area code of the region (`+495 …`): the digits are also another country's, or no country's."""
    MISSING_TRUNK_PREFIX = "missing_trunk_prefix"
    """A landline number without the region's trunk prefix, where the length does not tell that it is complete."""
    COUNTRY_NOT_WRITTEN = "country_not_written"
    """Another country's digits without a sign, or one of the region's own numbers with a slip."""
    COUNTRY_CODE_TWICE = "country_code_twice"
    """The country code seems to be written twice."""
    OUTDATED_NUMBER = "outdated_number"
    """A number of a numbering plan of the past, to which a digit was added since."""
    SPREADSHEET_NUMBER = "spreadsheet_number"
    """What a spreadsheet made of a number: powers of ten that lack digits, or decimals behind a number in groups."""
    PLACEHOLDER = "placeholder"
    """A filler instead of a number: one digit repeated, or a run of digits."""
    BAD_EXTENSION = "bad_extension"
    """An extension is announced, but 1 to 6 digits do not follow."""
    SEVERAL_NUMBERS = "several_numbers"
    """Several numbers in one value, and the setting `split` is off."""

    # E-mails
    NOT_AN_EMAIL = "not_an_email"
    """Nothing in the value looks like an e-mail address."""
    INVALID_ADDRESS = "invalid_address"
    """An address that no mail server would take, or that the portal would not store."""
    ADDRESS_IN_SENTENCE = "address_in_sentence"
    """An address with other words around it."""
    MIXED_SCRIPT_DOMAIN = "mixed_script_domain"
    """The domain mixes letters of several scripts (a Cyrillic `о` in `gооgle.com`)."""
    MIXED_SCRIPT_LOCAL_PART = "mixed_script_local_part"
    """The part before the `@` mixes letters of several scripts."""
    DOMAIN_TYPO = "domain_typo"
    """The domain is a misspelling of a large mail provider's."""
    UNKNOWN_TOP_LEVEL_DOMAIN = "unknown_top_level_domain"
    """The domain ends with a top-level domain that does not exist (`firma.con`), or exists inside a company only."""
    STRAY_CHARACTERS = "stray_characters"
    """Before the address stands what another program left: `%20`, a spreadsheet's apostrophe."""
    SEVERAL_ADDRESSES = "several_addresses"
    """Several addresses in one value, and the setting `split` is off."""

    # Both
    CONTAINS_TEXT = "contains_text"
    """More than numbers stands in the value: a name, a remark, a letter for a digit."""
    PARTLY_READABLE = "partly_readable"
    """Several parts, of which some can be read and others cannot."""

    # Bindings
    NO_TARGET = "no_target"
    """The item has activities to be moved, but nothing that the rule could move them to."""
    SEVERAL_TARGETS = "several_targets"
    """Several items may be meant."""
    TOO_MANY_MATCHES = "too_many_matches"
    """So many items share the contact point that the portal does not list them all."""
    MISSING_TARGET = "missing_target"
    """The item that it should go to is deleted, or it may not be read."""
    TOO_MANY_BINDINGS = "too_many_bindings"
    """The activity has as many bindings as the portal allows."""
    TASK_NOT_READABLE = "task_not_readable"
    """The activity mirrors a task that may not be read: the scope `task` or a right is missing."""
    MOVED_BACK = "moved_back"
    """A rebinding of a rule was taken back by a person; the rule would make it again."""
    REFUSED = "refused"
    """The portal refused to rebind it."""

    # Payment dates
    OTHER_CURRENCY = "other_currency"
    """Payments in another currency than the item's: whether the amount is reached cannot be told."""
    ENTERED_BY_HAND = "entered_by_hand"
    """Another date than the payments tell was entered by a person."""

    # Fields
    RESTORED_BY_HAND = "restored_by_hand"
    """A person put back exactly what a rule had changed; the rule would change it again."""
    DOES_NOT_FIT = "does_not_fit"
    """What rules make of the value is longer than the field takes."""

    # All jobs
    UNDONE = "undone"
    """It was undone; the job leaves it alone until it is released."""
    ALTERNATES = "alternates"
    """Another program keeps changing back what was corrected; the job leaves it alone until it is released."""
    HALF_MADE = "half_made"
    """A write that was never answered shows in part, and a value is missing; the job waits until it is released."""
