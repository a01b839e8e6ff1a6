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
from launcher.sampling_commands import import_list, sample_export, simulate, verify_sample

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
app.command("sample-export")(sample_export)
app.command("verify-sample")(verify_sample)
app.command()(simulate)
app.command("import-list")(import_list)

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
    by_phone: Annotated[
        bool, typer.Option("--phone", help="Instead: customers rate by the keys of a telephone, on a real exchange.")
    ] = False,
    share: Annotated[float, typer.Option(hidden=True, min=0.05, max=1.0)] = 1.0,
) -> None:
    """A month of 1,500 invented services in a few minutes, with simulated customers and agents."""
    if by_phone:
        _demo_by_phone(headless=headless, port=port, data=data)
    from launcher.demo.command import demo as play
    from launcher.terminal import finish

    raise typer.Exit(finish(play(headless=headless, port=port, data=data, share=share)))


def _demo_by_phone(*, headless: bool, port: int, data: Path | None) -> None:
    from launcher.demo.phone import phone
    from launcher.terminal import finish

    raise typer.Exit(finish(phone(headless=headless, port=port, data=data)))


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
    from launcher.token import issue

    say(finish(issue(role, data=data, source=source, department=department)))


@app.command()
def tokens(
    data: RunningData = None,
    revoke: Annotated[str | None, typer.Option(help="The id of a token that is refused from now on.")] = None,
) -> None:
    """Lists the tokens that were issued, or revokes one."""
    from launcher import token
    from launcher.terminal import finish, say

    if revoke is not None:
        say(finish(token.revoke(revoke, data=data)))
        return
    for line in finish(token.listed(data)):
        say(line)


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
    shadow: Annotated[bool, typer.Option("--shadow", help="Into tables that vanish; none in use is touched.")] = False,
    fill: Annotated[bool, typer.Option("--fill", help="Writes what the topics say where a row differs.")] = False,
    data: RunningData = None,
) -> None:
    """Makes the read model of the reports once more from the topics; ends with 1 when a table differs."""
    from launcher.rebuild import rebuild as replay
    from launcher.terminal import finish

    if shadow == fill:
        raise typer.BadParameter("Say what to do: --shadow compares, --fill writes what differs and compares.")
    raise typer.Exit(0 if finish(replay(data, fills=fill)) else 1)


@app.command("verify-chain")
def verify_chain(data: RunningData = None) -> None:
    """Checks the history of every case link by link; names the first changed row, ends with 1 when there is one."""
    from launcher.chain_check import verify_chain as check
    from launcher.terminal import finish

    raise typer.Exit(0 if finish(check(data)) else 1)


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
    reporting = "reporting"


@app.command()
def bench(
    json_file: Annotated[Path | None, typer.Option("--json", help="A file for all figures.")] = None,
    only: Annotated[BenchPart | None, typer.Option(help="One part instead of all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Tiny counts: whether it works, not how fast.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/performance.md.")] = False,
) -> None:
    """Measures hops, journeys, latency, growth, releases, plans, texts, pages, reports and memory on own servers."""
    from launcher.bench import command
    from launcher.terminal import finish

    part = None if only is None else command.Part(only.value)
    sizes = command.QUICK if quick else command.Sizes()
    command.publish(finish(command.bench(only=part, sizes=sizes)), file=json_file, write=write)


def run() -> None:
    app(prog_name="aftercall")
