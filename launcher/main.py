"""The command line. Each command imports what it needs when it is called: `--help` answers at once."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from launcher.audio_commands import audio, exchange
from launcher.delivery_commands import forgotten, letters
from launcher.lexicon_commands import lexicon
from launcher.options import RunningData
from launcher.questionnaire import commands as questionnaires
from launcher.report_commands import report

app = typer.Typer(
    help="Aftercall: after-service callbacks, from the finished service to the report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(letters, name="dlq")
app.add_typer(forgotten, name="recover")
app.add_typer(questionnaires, name="questionnaire")
app.add_typer(lexicon, name="lexicon")
app.add_typer(audio, name="audio")
app.command()(exchange)
app.command()(report)

INSTANT = "%Y-%m-%dT%H:%M:%S%z"


class Clock(StrEnum):
    real = "real"
    stepped = "stepped"


Data = Annotated[Path, typer.Option("--data", help="Directory of the databases, the secrets and the logs.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the pages and the HTTP API.")]


@app.command()
def demo(
    headless: Annotated[bool, typer.Option("--headless", help="End with 0 when every planted fact was found.")] = False,
    port: Port = 8080,
    data: Annotated[
        Path | None, typer.Option("--data", help="An empty directory that is kept; without it nothing is left behind.")
    ] = None,
    share: Annotated[float, typer.Option(hidden=True, min=0.05, max=1.0)] = 1.0,
) -> None:
    """A month of 1,500 invented services in a few minutes, with simulated customers and agents."""
    from launcher.demo.command import demo as play
    from launcher.terminal import finish

    raise typer.Exit(finish(play(headless=headless, port=port, data=data, share=share)))


@app.command()
def up(
    data: Data,
    port: Port = 8080,
    kafka_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of Kafka; kept when left out.")] = None,
    clock: Annotated[Clock, typer.Option(help="The business clock.")] = Clock.real,
    ready_file: Annotated[Path | None, typer.Option(help="Written (mode 0600) once everything serves.")] = None,
) -> None:
    """The whole product on this machine, for real use; data kept."""
    from launcher.terminal import finish
    from launcher.up import up as serve

    finish(serve(data, port=port, kafka_port=kafka_port, clock=clock.value, ready_file=ready_file))


@app.command("run")
def run_services(
    services: Annotated[list[str], typer.Argument(metavar="SERVICE...")],
    port: Port = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Services against an outside Kafka and PostgreSQL (AFTERCALL_KAFKA, AFTERCALL_DATABASE_URL)."""
    from launcher.run import run_services as serve
    from launcher.terminal import finish

    finish(serve(services, host=host, port=port))


@app.command()
def migrate() -> None:
    """Brings an outside database and broker to what the services need."""
    from launcher.migrate import migrate as bring_up
    from launcher.terminal import finish

    finish(bring_up())


@app.command()
def secrets(
    file: Annotated[Path, typer.Argument(help="The file to write; without --shares it must not exist.")],
    shares: Annotated[
        Path | None, typer.Option(help="A directory for what each process may know of it; an existing file is kept.")
    ] = None,
) -> None:
    """A file of new keys and passwords, for AFTERCALL_SECRETS_FILE."""
    from launcher.secret_file import secrets as write
    from launcher.terminal import finish

    finish(write(file, shares))


@app.command()
def token(
    role: Annotated[str, typer.Option(help="agent, supervisor, department, analyst, admin, auditor, crm, ...")],
    data: RunningData = None,
    source: Annotated[str | None, typer.Option(help="The source that a crm token speaks for.")] = None,
    department: Annotated[str | None, typer.Option(help="The department of a department token.")] = None,
) -> None:
    """A bearer token for a machine; prints only the token, this once."""
    from launcher.terminal import finish, say
    from launcher.token import token as issue

    say(finish(issue(role, data=data, source=source, department=department)))


@app.command()
def step(
    data: Data,
    until: Annotated[datetime | None, typer.Option(formats=[INSTANT], help="An instant with its offset.")] = None,
    hours: Annotated[float | None, typer.Option(min=0, help="So many hours on.")] = None,
) -> None:
    """Moves the business clock of a stack that was started with --clock stepped."""
    from launcher.clockwork import step as move
    from launcher.terminal import finish

    finish(move(data, until=until, hours=hours))


@app.command()
def verify(
    data: RunningData = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole verdict as JSON.")] = False,
) -> None:
    """Accounts for every event and every service of a running system; ends with 1 when one is lost, twice or wrong."""
    from launcher.terminal import finish
    from launcher.verify.command import run as look

    raise typer.Exit(0 if finish(look(data, as_json=as_json)) else 1)


@app.command()
def rebuild(
    shadow: Annotated[bool, typer.Option("--shadow", help="Into tables that vanish; none in use is touched.")],
    data: RunningData = None,
) -> None:
    """Makes the read model of the reports once more from the topics; ends with 1 when a table differs."""
    from launcher.rebuild import rebuild as replay
    from launcher.terminal import finish

    raise typer.Exit(0 if finish(replay(data)) else 1)


@app.command("verify-chain")
def verify_chain(data: RunningData = None) -> None:
    """Checks the history of every case link by link; names the first changed row, ends with 1 when there is one."""
    from launcher.chain_check import verify_chain as check
    from launcher.terminal import finish

    raise typer.Exit(0 if finish(check(data)) else 1)


@app.command("sample-export")
def sample_export(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    period: Annotated[str, typer.Option(help="A closed sampling period, such as 2026-10.")],
    data: RunningData = None,
) -> None:
    """The sampling ledger of a closed period with both period events, for verify-sample."""
    from launcher.sampling import export_sample
    from launcher.terminal import finish

    finish(export_sample(period, file, data=data))


@app.command()
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


@app.command("import-list")
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


@app.command("verify-sample")
def verify_sample(file: Annotated[Path, typer.Argument(help="A file of sample-export.")]) -> None:
    """Recomputes every draw, rate, stratum and count of a period from its file; ends with 1 when one differs."""
    from launcher.sampling import verify_sample as check

    raise typer.Exit(0 if check(file) else 1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def test(context: typer.Context) -> None:
    """Everything that the continuous integration runs; arguments go to pytest. --faults [all|ROW,...] [--seed N]
    [--table FILE]: the fault table instead."""
    from launcher.testing import run

    raise typer.Exit(run(context.args))


class BenchPart(StrEnum):
    hops = "hops"
    journey = "journey"
    latency = "latency"
    growth = "growth"
    release = "release"
    planner = "planner"
    texts = "texts"
    pages = "pages"
    memory = "memory"


@app.command()
def bench(
    json_file: Annotated[Path | None, typer.Option("--json", help="A file for all figures.")] = None,
    only: Annotated[BenchPart | None, typer.Option(help="One part instead of all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Tiny counts: whether it works, not how fast.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/performance.md.")] = False,
) -> None:
    """Measures hops, whole journeys, latency, growth, releases, plans, texts and memory on servers of its own."""
    from launcher.bench import command
    from launcher.terminal import finish

    part = None if only is None else command.Part(only.value)
    sizes = command.QUICK if quick else command.Sizes()
    command.publish(finish(command.bench(only=part, sizes=sizes)), file=json_file, write=write)


def run() -> None:
    app(prog_name="aftercall")
