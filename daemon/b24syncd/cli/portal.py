"""`b24syncd portal`: a simulated portal to try things on."""

import os
import zoneinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from b24syncd.domain.entities import FIRST_SMART_TYPE
from b24syncd.errors import UsageInvalid

app = typer.Typer(no_args_is_help=True, help="A simulated portal, to try everything without a real one.")


class LeadMode(StrEnum):
    """What the portal makes of leads: they are there, or switched off, or unknown, or not for the webhook's user."""

    ON = "on"
    SIMPLE = "simple"
    OFF = "off"
    REFUSED = "refused"


class Language(StrEnum):
    """What the portal speaks."""

    EN = "en"
    RU = "ru"


@app.command()
def serve(  # noqa: PLR0913 # the options of a command
    *,
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="Listen here; 0 takes a free port.")] = 0,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed makes the same items.")] = 1,
    contacts: Annotated[int, typer.Option(metavar="N", min=0)] = 1000,
    companies: Annotated[int, typer.Option(metavar="N", min=0)] = 200,
    leads: Annotated[int, typer.Option(metavar="N", min=0)] = 300,
    deals: Annotated[int, typer.Option(metavar="N", min=0)] = 0,
    converted_leads: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="More leads: each with the company, contact and deal it was converted into."
        ),
    ] = 0,
    duplicated_leads: Annotated[
        int, typer.Option(metavar="N", min=0, help="More leads: each with a phone that a company has, too.")
    ] = 0,
    split_leads: Annotated[
        int, typer.Option(metavar="N", min=0, help="More leads: each with one that takes half of its past.")
    ] = 0,
    activities: Annotated[
        float,
        typer.Option(
            metavar="X", min=0.0, help="Calls, mails, to-dos and tasks that each of these leads has, on average."
        ),
    ] = 5.0,
    paid_deals: Annotated[
        int, typer.Option(metavar="N", min=0, help="More deals: with payments, some of them cancelled.")
    ] = 0,
    messy_deals: Annotated[
        int, typer.Option(metavar="N", min=0, help="More deals: with spaces, HTML and capitals in their fields.")
    ] = 0,
    paid_invoices: Annotated[int, typer.Option(metavar="N", min=0, help="Smart invoices with payments.")] = 0,
    smart_process: Annotated[
        list[str] | None, typer.Option(metavar="TITLE", help="A smart process with this title, repeatable.")
    ] = None,
    paid_processes: Annotated[
        int, typer.Option(metavar="N", min=0, help="Items with payments of every smart process.")
    ] = 0,
    payments: Annotated[
        float, typer.Option(metavar="X", min=0.0, help="Payments that each of these items has, on average.")
    ] = 2.5,
    payment_field: Annotated[
        bool, typer.Option("--payment-field/--no-payment-field", help="Have a field for the date of payment.")
    ] = True,
    furnished: Annotated[
        bool,
        typer.Option(
            "--furnished/--bare", help="Have pipelines, custom fields of every type, people and priced deals."
        ),
    ] = True,
    language: Annotated[Language, typer.Option(help="The portal's language: what it calls its fields.")] = Language.EN,
    administrator: Annotated[
        bool, typer.Option("--administrator/--no-administrator", help="Let the user create fields and see the shop.")
    ] = True,
    time_zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The portal's zone, such as Europe/Berlin; UTC+3 by default.")
    ] = None,
    user_time_zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The zone of the webhook's user; the portal's by default.")
    ] = None,
    lead_mode: Annotated[
        LeadMode, typer.Option(help="simple: switched off; off: unknown; refused: not for this user.")
    ] = (LeadMode.ON),
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A permission of the webhook, repeatable; crm and user_brief by default."),
    ] = None,
    scale: Annotated[
        float,
        typer.Option(metavar="X", min=0.001, max=1.0, help="Scale both limits' windows down, to meet them sooner."),
    ] = 1.0,
    update_cost: Annotated[float, typer.Option(metavar="X", min=0.0, help="Operating seconds of one update.")] = 0.0,
    real_time: Annotated[bool, typer.Option("--real-time", help="Let operating seconds pass, not only count.")] = False,
    oauth: Annotated[
        bool, typer.Option("--oauth", help="Have a local application, too: address, id and secret are printed below.")
    ] = False,
    token_seconds: Annotated[
        int, typer.Option(metavar="N", min=1, help="With --oauth: so long an access token counts.")
    ] = 3600,
    tls: Annotated[bool, typer.Option("--tls", help="Serve https with a certificate made at start.")] = False,
    authority_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --tls: write the authority's certificate here.")
    ] = None,
) -> None:
    """Serve a simulated portal until Ctrl-C. The webhook's address is printed when it is ready."""
    # The portal takes long to import, and its help needs nothing of it.
    from b24syncd.simulator.http.certificates import TlsUnavailable  # noqa: PLC0415
    from b24syncd.simulator.http.dispatch import SCOPES  # noqa: PLC0415
    from b24syncd.simulator.portal import Options  # noqa: PLC0415
    from b24syncd.simulator.running import ServeOptions, run_server  # noqa: PLC0415
    from b24syncd.simulator.tables.fields import SmartType  # noqa: PLC0415

    from .portal_fields import WITHOUT_PAYMENT_FIELD, with_payment_fields  # noqa: PLC0415

    if authority_file is not None and not tls:
        message = "--authority-file goes with --tls; without it there is no certificate"
        raise UsageInvalid(message)
    if strange := [name for name in scope or () if name not in SCOPES]:
        message = f"--scope: {strange[0]!r} opens nothing here; scopes are: {', '.join(SCOPES)}"
        raise UsageInvalid(message)
    defaults = Options()
    smart_types = tuple(
        SmartType(FIRST_SMART_TYPE + number, number + 1, title) for number, title in enumerate(smart_process or ())
    )
    options = Options(
        per_second=defaults.per_second / scale,
        operating_seconds=480 * scale,
        operating_window_seconds=defaults.operating_window_seconds * scale,
        costs={"crm.item.update": update_cost} if update_cost else {},
        real_time=real_time,
        cuts_starts=scale >= 1.0,  # less than a second counts where all is scaled down
        leads=lead_mode.value,
        scopes=tuple(scope) if scope else defaults.scopes,
        administrator=administrator,
        language=language.value,
        time_zone=None if time_zone is None else _zone(time_zone),
        user_time_zone=None if user_time_zone is None else _zone(user_time_zone),
        custom_fields=tuple(with_payment_fields(smart_types)) if payment_field else WITHOUT_PAYMENT_FIELD,
        smart_types=smart_types,
    )
    try:
        run_server(
            ServeOptions(
                portal=options,
                port=port,
                seed=seed,
                contacts=contacts,
                companies=companies,
                leads=leads,
                deals=deals,
                converted_leads=converted_leads,
                duplicated_leads=duplicated_leads,
                split_leads=split_leads,
                activities=activities,
                paid_deals=paid_deals,
                messy_deals=messy_deals,
                paid_invoices=paid_invoices,
                paid_processes=paid_processes,
                payments=payments,
                furnished=furnished,
                oauth=oauth,
                token_seconds=token_seconds,
                tls=tls,
                authority_file=authority_file,
            )
        )
    except TlsUnavailable as error:
        raise UsageInvalid(str(error)) from error
    except OSError as error:
        what = error.filename or f"port {port}"
        message = f"{what} cannot be used: {os.strerror(error.errno or 0)}; name another one"
        raise UsageInvalid(message) from error


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # a folder, no name of a file at all, no such zone
        message = f"{name!r} is no time zone; write one such as Europe/Berlin"
        raise UsageInvalid(message) from None
    return name
