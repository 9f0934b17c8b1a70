"""Pages: templates with what all of them show, and the files that they refer to."""

from __future__ import annotations

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp_jinja2
from aiohttp import web
from jinja2 import FileSystemLoader, StrictUndefined

from b24syncd import __version__

from . import formats
from .language import LANGUAGE, LANGUAGES, gettext, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .visit import Visit

_HERE: Final = Path(__file__).parent
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"

PORTAL: Final = web.AppKey("PORTAL", str)


def set_up(app: web.Application, portal: str) -> None:
    """Let an application render pages, of the portal of this name."""
    app[PORTAL] = portal
    environment = aiohttp_jinja2.setup(
        app,
        loader=FileSystemLoader(_HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= formats.FILTERS
    environment.globals |= {"static": static_address, "LANGUAGES": LANGUAGES, "differing": formats.differing}


def page(
    visit: Visit,
    template: str,
    context: Mapping[str, object] | None = None,
    *,
    section: str = "",
    status: int = HTTPStatus.OK,
) -> web.Response:
    """Return a page for somebody who is signed in; `section` is the part of the navigation that it belongs to."""
    text = fragment(visit, template, {"section": section, **(context or {})})
    return web.Response(text=text, status=status, content_type="text/html")


def fragment(visit: Visit, template: str, context: Mapping[str, object]) -> str:
    """Return what a template makes for somebody who is signed in."""
    return _rendered(visit.request, template, {"visit": visit, "section": "", **context})


def open_page(
    request: web.Request, template: str, context: Mapping[str, object] | None = None, *, status: int = HTTPStatus.OK
) -> web.Response:
    """Return a page for anybody."""
    text = _rendered(request, template, {"visit": None, "section": "", **(context or {})})
    return web.Response(text=text, status=status, content_type="text/html")


def done(visit: Visit, text: str, *, go: str = "") -> web.Response:
    """Return what was done, in a sentence, and where the page goes then; without a script it goes there at once."""
    if "application/json" in visit.request.headers.get("Accept", ""):
        return web.json_response({"message": text, "go": go})
    return see_other(go or "/")


def _rendered(request: web.Request, template: str, context: Mapping[str, object]) -> str:
    whole = {"language": LANGUAGE.get(), "portal": request.app[PORTAL], "release": __version__, **context}
    return aiohttp_jinja2.render_string(template, request, whole)


def see_other(location: str) -> web.Response:
    """Return the way to the page that shows what a form has done."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})


def static_address(name: str) -> str:
    """Return the address of a file of the console, which changes with any of these files."""
    version, files = _static()
    if name not in files:
        raise LookupError(name)
    return f"/static/{version}/{name}"


def static_file(version: str, name: str) -> web.Response | None:
    """Return a file of the console, None where there is none of this name; only the present version may be kept."""
    present, files = _static()
    found = files.get(name)
    if found is None:
        return None
    caching = _FOR_EVER if version == present else "no-store"
    return web.Response(
        body=found, content_type=_TYPES[Path(name).suffix], charset="utf-8", headers={"Cache-Control": caching}
    )


@cache
def _static() -> tuple[str, Mapping[str, bytes]]:
    """Read all files once: what is asked for is looked up among them, and never on the disk."""
    folder = _HERE / "static"
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    content = b"".join(name.encode() + files[name] for name in files)
    return hashlib.sha256(content).hexdigest()[:16], files
