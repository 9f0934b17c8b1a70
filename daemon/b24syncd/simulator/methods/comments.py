"""What is kept of a comment: BB code, its other characters as entities.

Sources: php modules/crm/lib/Field/Comments.php, lib/entity/commentshelper.php `normalizeComment`,
lib/format/texthelper.php `convertHtmlToBbCode`, `sanitizeBbCode`, main/classes/general/textparser.php
`convertHTMLToBB`. Links, lists, images and tables that are written in HTML become BB code there, and plain text here.
"""

from __future__ import annotations

import html
import re

_BREAK = re.compile(r"<br.*?>", re.IGNORECASE | re.DOTALL)
_STYLED = re.compile(r"<([busip])[^>a-z]*>(.+?)</\1[^>a-z]*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-z!][^>]*>?", re.IGNORECASE)
_CODE = re.compile(r"\[(/?)(?!\b(?:b|i|u|s|list|img|url|p)\b)\w+\b[^\]]*\]", re.IGNORECASE)


def normalized(text: str) -> str:
    """Return a comment as it is saved; one that was saved already stays as it is."""
    text = text.replace("&#39;", "'").replace("\u00a0", " ")
    text = _BREAK.sub("\n", text)
    before = None
    while before != text:
        before, text = text, _STYLED.sub(r"[\1]\2[/\1]", text)
    text = _unescaped(text.replace("&nbsp;", ""))
    text = html.escape(_TAG.sub("", text), quote=False).replace('"', "&quot;")
    return _CODE.sub("", text).replace("&amp;#91;", "&#91;").replace("&amp;#93;", "&#93;")


def _unescaped(text: str) -> str:
    """php: tools.php `htmlspecialcharsback`, which knows these and no others."""
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text
