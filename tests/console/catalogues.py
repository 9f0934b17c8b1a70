"""`python -m tests.console.catalogues`: bring the catalogues of the console up to date with what its pages say."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from b24syncd.web.console.language import FOLDER, LANGUAGES, SOURCE
from b24syncd.web.console.words import WORDS

if TYPE_CHECKING:
    from pathlib import Path

_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
_OPTIONS = {"**/templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
_NOISE = re.compile(r'"(Project-Id|Report-Msgid|POT-Creation|PO-Revision|Last-Trans|Language-Team|Generated-By)')
"""What would be another line with every update."""

_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}


def template() -> Catalog:
    """Return everything that pages say, in the order of the files."""
    found = Catalog(fuzzy=False)
    folder = FOLDER.parent
    for name, _line, message, _comments, context in extract_from_dir(
        folder, _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=()
    ):
        if message:
            found.add(message, None, [(name, 0)], context=context)
    for word in WORDS:
        found.add(word, None, [("words.py", 0)])
    return found


def path_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "console.po"


def read(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def write(language: str, catalogue: Catalog) -> None:
    written = BytesIO()
    write_po(written, catalogue, width=100, include_lineno=False)
    lines = written.getvalue().decode().splitlines(keepends=True)
    path_of(language).write_text("".join(line for line in lines if not _NOISE.match(line)), encoding="utf-8")


def main() -> None:
    """Add what is new, and drop what nothing says any more."""
    said = template()
    for language in LANGUAGES:
        if language != SOURCE:
            catalogue = read(language)
            catalogue.update(said, no_fuzzy_matching=True, update_header_comment=False)
            catalogue.obsolete.clear()
            write(language, catalogue)


if __name__ == "__main__":
    main()
