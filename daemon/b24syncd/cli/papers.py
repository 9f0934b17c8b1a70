"""The papers about the configuration, made from its keys: `python -m b24syncd.cli.papers FOLDER` writes them there.

They are docs/configuration.md, config/b24syncd.example.toml, and in other documents each table below a line
`<!-- keys: limits.schedule -->`. FOLDER is a checkout.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

from b24syncd.settings.described import DescribedTable, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.settings.described import DescribedKey

_WIDTH: Final = 120
_MARKED: Final = re.compile(r"(<!-- keys: (\S+) -->\n\n)(?:\|.*\n)*")
_LINK: Final = re.compile(r"\[([^]]+)\]\(([^)#]+)[^)]*\)")

INTRODUCTION: Final = """\
A TOML file: `--config PATH`, else `$B24SYNCD_CONFIG`, else `/etc/b24syncd/b24syncd.toml`. Every key can be set by the
environment instead, which wins: `B24SYNCD_LIMITS__SHARE=0.5`. `b24syncd config check` names every problem at once,
`b24syncd config show` prints what is in effect, without secrets, as a configuration that means the same.

A relative path begins at the folder of the file; one in the environment where the program is started.
"""

_HEADING: Final = """\
<!-- Made by `make papers` from the keys in daemon/b24syncd/settings: change it there. -->

# Configuration
"""

_LIKEWISE: Final = """\
[config/b24syncd.example.toml](../config/b24syncd.example.toml) has every key with a comment, and so has
`man b24syncd.toml` where the package is installed.
"""

_ALTERNATIVE: Final = "portal.oauth"
"""What the example has in comments only: there is a webhook, or an application."""

_EXAMPLE: Final = """\
# b24syncd: every key there is, with its default. `b24syncd config check` judges a copy of this file,
# `b24syncd config show` prints what it amounts to.
#
# Any key can be set by the environment instead: B24SYNCD_LIMITS__SHARE=0.5 is share under [limits],
# B24SYNCD_JOBS__PHONES__OTHER_REGIONS=KZ,BY a list. The environment wins over this file.
# What is named docs/… lies beside the sources, and in /usr/share/doc/b24syncd where the package is installed.
"""


def configuration() -> str:
    """Return the document with every key."""
    return "\n".join((_HEADING, INTRODUCTION, _LIKEWISE, *_chapters())).rstrip("\n") + "\n"


def _chapters() -> Iterator[str]:
    for table in (one for one in tables() if not one.is_nested):
        yield f"## `[{table.name}]`\n"
        if table.about:
            yield f"{table.about}\n"
        yield from _rows(table)
        yield ""


def _rows(table: DescribedTable) -> Iterator[str]:
    yield from ("| key | values | default | meaning |", "|---|---|---|---|")
    for key in table.keys:
        meaning = key.meaning.rstrip(".").replace("|", "\\|")
        yield f"| `{key.name}` | {key.values} | {_default(key)} | {meaning} |"


def _default(key: DescribedKey) -> str:
    if key.required:
        return "required"
    return "–" if key.default is None else f"`{toml(key.default)}`"


def with_tables(document: str) -> str:
    """Return a document with the tables that it marks as they are now."""
    nested = {table.name: table for table in tables()}

    def made(found: re.Match[str]) -> str:
        return found[1] + "\n".join((*_rows(nested[found[2]]), ""))

    return _MARKED.sub(made, document)


def example() -> str:
    """Return the example configuration."""
    return "\n".join((_EXAMPLE, *_lines())).rstrip("\n") + "\n"


def _lines() -> Iterator[str]:
    for table in (one for one in tables() if not one.is_nested):
        yield f"# [{table.name}]" if table.name == _ALTERNATIVE else f"[{table.name}]"
        for number, key in enumerate(table.keys):
            yield from ("",) if number else ()
            yield from _comment(" ".join((key.meaning, *key.more)))
            yield from _entry(key)
        yield ""


def _entry(key: DescribedKey) -> Iterator[str]:
    """Yield the key with its default; where there is none, or an example, as a comment."""
    if key.default is not None and not key.example:
        yield f"{key.name} = {toml(key.default)}"
        return
    lines = key.example.splitlines()
    if key.default is not None and not any(line.startswith(f"{key.name} =") for line in lines):
        yield f"{key.name} = {toml(key.default)}" if "[[" not in key.example else f"# {key.name} = []"
        yield from ("#",) if len(lines) > 1 else ()
    yield from (line if line.startswith("#") else f"# {line}".rstrip() for line in lines)


def plain(text: str) -> str:
    """Return a text without links: what they lead to is named."""

    def named(found: re.Match[str]) -> str:
        words, target = found.groups()
        return words.strip("`") if "://" in target else f"{words} (docs/{target})"

    return _LINK.sub(named, text)


def _comment(text: str) -> Iterator[str]:
    return (
        f"# {line}" for line in textwrap.wrap(plain(text), _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    )


def toml(value: object) -> str:
    """Return a default as it is written in the configuration."""
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def papers(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each paper below a folder, with what it has to hold."""
    yield folder / "docs/configuration.md", configuration()
    yield folder / "config/b24syncd.example.toml", example()
    for path in sorted((folder / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if _MARKED.search(text):
            yield path, with_tables(text)


def main() -> int:
    """Write all papers that are not as they should be."""
    for path, text in papers(Path(sys.argv[1])):
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
