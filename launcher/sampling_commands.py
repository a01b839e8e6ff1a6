"""Commands of the sampling design: the ledger as a file and its check, what-if runs, lists of customers to ask."""

from pathlib import Path
from typing import Annotated

import typer

from launcher.options import RunningData


def sample_export(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    period: Annotated[str, typer.Option(help="A closed sampling period, such as 2026-10.")],
    data: RunningData = None,
) -> None:
    """The sampling ledger of a closed period with both period events, for verify-sample."""
    from launcher.sampling import export_sample
    from launcher.terminal import finish

    finish(export_sample(period, file, data=data))


def simulate(
    policy: Annotated[Path, typer.Option(help="A policy file, or a folder of such: scenarios, house rules, shifts.")],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day of completion, such as 2026-10-01.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day of completion; it belongs to the span.")],
    seed: Annotated[int, typer.Option(help="Of the outcomes that did not happen and are drawn.")] = 1,
    score_sd: Annotated[float, typer.Option(min=0.01, max=2, help="Assumed standard deviation of a score.")] = 1.0,
    json_file: Annotated[Path | None, typer.Option("--json", help="A file for everything, hour by hour.")] = None,
    chart: Annotated[Path | None, typer.Option(help="An HTML file with tables and charts.")] = None,
    data: RunningData = None,
) -> None:
    """Replays the services of a span under a changed policy beside the one in force; touches nothing."""
    from launcher.simulate import simulate as play
    from launcher.terminal import finish

    finish(play(policy, first, last, seed=seed, score_sd=score_sd, json_file=json_file, chart=chart, data=data))


def import_list(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or .xlsx; one row a customer.")],
    scenario: Annotated[str, typer.Option(help="beta, usage, ...")],
    source: Annotated[str, typer.Option(help="The source whose customers these are.")] = "crm",
    data: RunningData = None,
) -> None:
    """Customers to ask without a service of theirs; a verdict for each row, ends with 1 when one cannot be read."""
    from launcher.customer_list import import_list as take
    from launcher.terminal import finish

    raise typer.Exit(0 if finish(take(file.read_bytes(), scenario=scenario, source=source, data=data)) else 1)


def verify_sample(file: Annotated[Path, typer.Argument(help="A file of sample-export.")]) -> None:
    """Recomputes every draw, rate, stratum and count of a period from its file; ends with 1 when one differs."""
    from launcher.sampling import verify_sample as check

    raise typer.Exit(0 if check(file) else 1)
