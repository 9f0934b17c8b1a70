"""HTML in texts, as forms, mails and other programs leave it: markup goes, every word stays.

Only what is markup beyond doubt is taken for it: tags that HTML has, with attributes as tags have them, which end; the
rest (`a < b`, `<ivan@example.com>`, `<S>, <M>`, a tag that is cut off) is text. Addresses of links and of lone pictures
stay.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from itertools import accumulate, pairwise

_INLINE_WORDS = """
a abbr acronym area audio b base basefont bdi bdo big body button canvas cite code col colgroup data del dfn em embed
font frame frameset head html i iframe img input ins kbd label link map mark meta meter nobr noscript object optgroup
option output param picture progress q rp rt ruby s samp script select small source span strike strong style sub
summary sup svg template textarea time title track tt u var video wbr o:p
"""
_INLINE = frozenset(_INLINE_WORDS.split())
_BLOCKS_WORDS = """
address article aside blockquote caption center dd details dialog dir div dl dt fieldset figcaption figure footer form
h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol p pre section table tbody tfoot thead tr ul
"""
_BLOCKS = frozenset(_BLOCKS_WORDS.split())
_GAPS = frozenset(("td", "th"))
_BREAK = "br"
_VOID_WORDS = """
area base basefont col embed frame img input link meta param source track wbr
"""
_VOID = frozenset(_VOID_WORDS.split())
"""These have no end."""

_TAGS = _INLINE | _BLOCKS | _GAPS | {_BREAK}
_UNREAD = frozenset(("script", "style"))
"""What stands inside of these is for browsers."""

_BARE_WORDS = """
allowfullscreen async autofocus autoplay checked compact contenteditable controls default defer disabled download
draggable hidden inert ismap itemscope loop multiple muted nohref noresize noshade
novalidate nowrap open readonly required reversed selected spellcheck /
"""
_BARE = frozenset(_BARE_WORDS.split())
_BARE_PREFIXES = ("data-", "aria-")
"""Attributes that come without a value."""

_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"'&]*(?:&[^\s<>\"'&;]*)*")

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_UNREADABLE = "\ufffd"
_END_OF_COMMENT = re.compile(r"--!?>")


class _Marks(HTMLParser):
    """Notes where marks begin, and what kind they are; the text between them is cut out of the original."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str, str, int]] = []
        """The offset of each part, its sort, the tag's name, and how long the mark itself is (0 for text)."""
        self.addresses: dict[int, str] = {}
        """What links and pictures lead to, by the offsets of their marks."""
        self._text = text
        self._lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        bare = [name for name, value in attrs if value is None]
        is_tag = tag in _TAGS and all(name in _BARE or name.startswith(_BARE_PREFIXES) for name in bare)
        needs_end = not attrs and tag in _INLINE - _VOID and not (self.get_starttag_text() or "").endswith("/>")
        sort = ("open" if needs_end else "start") if is_tag else "text"
        self._note(sort, tag, len(self.get_starttag_text() or ""))
        address = dict(attrs).get({"a": "href", "img": "src"}.get(tag, ""))
        if is_tag and address and _LINK.fullmatch(address):
            self.addresses[self._offset()] = address

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._note("end" if tag in _TAGS else "text", tag, self._up_to(re.compile(">")))

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 # it is cut out of the original
        self._note("comment", "", self._up_to(_END_OF_COMMENT))

    def handle_decl(self, decl: str) -> None:
        self._note("comment" if decl.lower().startswith("doctype") else "text", "", self._up_to(re.compile(">")))

    def handle_data(self, data: str) -> None:  # noqa: ARG002 # it is cut out of the original
        self._note("text", "", 0)

    def _note(self, sort: str, tag: str, length: int) -> None:
        offset = self._offset()
        is_whole = length > 0 and self._text[offset : offset + 1] == "<"
        self.found.append((offset, sort if is_whole else "text", tag, length))

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _up_to(self, end: re.Pattern[str]) -> int:
        """Return how long the mark is that begins here, 0 where it does not end."""
        offset = self._offset()
        match = end.search(self._text, offset)
        return 0 if match is None else match.end() - offset


def strip_html(text: str, *, line_break: str = "\n") -> str:
    """Return the text without markup and with its entities as characters; a text without any is left as it is.

    Blocks and `<br>` leave a line break, or what is given in its place; also markup that was escaped goes.
    """
    while "<" in text or "&" in text:
        stripped = _decoded(_without_tags(text, line_break))
        if len(stripped) >= len(text):  # each step makes it shorter, so there is a last one
            break
        text = stripped
    return text


def _without_tags(text: str, line_break: str) -> str:
    if "<" not in text:
        return text
    read = _Marks(text)
    marks = _paired(read.found)
    if not any(sort != "text" for _, sort, _, _ in marks):
        return text
    parts: list[str] = [text[: marks[0][0]]]
    unread: tuple[str, int] | None = None
    links: list[tuple[str, int]] = []
    for (offset, sort, tag, length), (following, *_) in pairwise([*marks, (len(text), "", "", 0)]):
        rest = text[offset if sort == "text" else offset + length : following]
        if unread is not None and sort == "end" and tag == unread[0]:
            del parts[unread[1] :]
            unread = None
        elif sort == "start" and tag in _UNREAD:
            unread = tag, len(parts)
        if tag == "a" and sort == "start":
            links.append((read.addresses.get(offset, ""), len(parts)))
        elif tag == "a" and sort == "end" and links:
            address, begins = links.pop()
            parts.append(_address_behind("".join(parts[begins:]), address))
        if sort in ("start", "end"):
            after = text[offset + length : offset + length + 1]
            parts.append(_in_place_of(tag, sort, "".join(parts[-3:]), after, line_break))
        parts.append(rest)
    left = "".join(parts)
    if not left.strip():
        left = line_break.join(read.addresses[offset] for offset, *_ in marks if offset in read.addresses) or left
    return left.removesuffix(line_break) if marks[-1][1] in ("start", "end") else left


def _paired(marks: list[tuple[int, str, str, int]]) -> list[tuple[int, str, str, int]]:
    """Return marks without those that look like tags only: what is never closed, and ends of what is text."""
    begun: dict[str, list[str]] = {}
    sorts = []
    for offset, sort, tag, length in marks:
        if sort == "end" and begun.get(tag) and begun[tag].pop() == "text":
            sort = "text"  # noqa: PLW2901 # it is the end of that text
        elif sort != "end" and length:
            begun.setdefault(tag, []).append(sort)
        sorts.append((offset, sort, tag, length))
    ended: set[str] = set()
    paired = []
    for offset, sort, tag, length in reversed(sorts):
        if sort == "end":
            ended.add(tag)
        sort_then = ("text" if tag not in ended else "start") if sort == "open" else sort
        paired.append((offset, sort_then, tag, length))
    return paired[::-1]


def _address_behind(told: str, address: str) -> str:
    """Return what is to stand behind the text of a link, so that its address is not lost."""
    bare = re.sub(r"\A(?:https?://|mailto:|tel:)(?:www\.)?|/\Z", "", address)
    if not bare or bare.casefold() in html.unescape(told).casefold():
        return ""
    shown = re.sub(r"\A(?:mailto|tel):", "", address)
    return f" ({shown})" if told.strip() else shown


def _in_place_of(tag: str, sort: str, before: str, after: str, line_break: str) -> str:
    """Return what a tag leaves between the text before and after it."""
    is_broken = after in ("\n", "\r")
    if tag == _BREAK:
        return "" if is_broken and line_break == "\n" else line_break
    if tag in _BLOCKS:
        is_needed = before.strip() and not before.endswith(("\n", line_break)) and not is_broken
        return line_break if is_needed else ""
    if tag in _GAPS and sort == "end":
        return " " if before and not before[-1].isspace() else ""
    return ""


def _decoded(text: str) -> str:
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    """Return what an entity stands for, or the entity itself where it stands for nothing that can be read."""
    character = html.unescape(entity[0])
    return character if character and _UNREADABLE not in character else entity[0]
