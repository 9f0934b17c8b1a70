"""`b24syncd portal`: a simulated portal to try things on."""

from pathlib import Path
from typing import Annotated

import typer

from b24syncd.simulator.portal import Options
from b24syncd.simulator.running import ServeOptions, run_server

app = typer.Typer(no_args_is_help=True, help="A simulated portal, to try everything without a real one.")


@app.command()
def serve(  # noqa: PLR0913 # the options of a command
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Listen here; 0 takes a free port.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same items.")] = 1,
    contacts: Annotated[int, typer.Option(min=0)] = 1000,
    companies: Annotated[int, typer.Option(min=0)] = 200,
    leads: Annotated[int, typer.Option(min=0)] = 300,
    deals: Annotated[int, typer.Option(min=0)] = 0,
    scale: Annotated[
        float, typer.Option(min=0.001, max=1.0, help="Scale both limits' windows down, to meet them sooner.")
    ] = 1.0,
    update_cost: Annotated[float, typer.Option(min=0.0, help="Operating seconds of one update.")] = 0.0,
    tls: Annotated[bool, typer.Option("--tls", help="Serve https with a certificate made at start.")] = False,
    authority_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --tls: write the authority's certificate here.")
    ] = None,
) -> None:
    """Serve a simulated portal until Ctrl-C; the webhook's address is printed when it is ready."""
    defaults = Options()
    costs = {"crm.item.update": update_cost} if update_cost else {}
    options = Options(
        burst=defaults.burst,
        per_second=defaults.per_second / scale,
        operating_seconds=480 * scale,
        operating_window_seconds=defaults.operating_window_seconds * scale,
        costs=costs,
    )
    run_server(
        ServeOptions(
            portal=options,
            port=port,
            seed=seed,
            contacts=contacts,
            companies=companies,
            leads=leads,
            deals=deals,
            tls=tls,
            authority_file=authority_file,
        )
    )
