"""`aftercall dlq` and `aftercall recover`: what an operator does when delivery needs a hand."""

from typing import Annotated

import typer

from launcher.options import RunningData

letters = typer.Typer(help="Dead letters: list them, show one, try them again.", no_args_is_help=True)
forgotten = typer.Typer(help="Ways out after the broker forgot something.", no_args_is_help=True)


@letters.command("list")
def list_letters(
    services: Annotated[list[str] | None, typer.Argument(metavar="[SERVICE...]")] = None, data: RunningData = None
) -> None:
    """Dead letters with their reasons, without any content."""
    from launcher.dlq import list_letters as show
    from launcher.terminal import finish

    finish(show(services or [], data=data))


@letters.command("show")
def show_letter(
    service: str,
    number: int,
    data: RunningData = None,
    original: Annotated[bool, typer.Option("--open", help="Show the original too (personal data).")] = False,
) -> None:
    """One dead letter as JSON."""
    from launcher.dlq import show_letter as show
    from launcher.terminal import finish

    finish(show(service, number, data=data, open_original=original))


@letters.command("replay")
def replay_letters(
    service: str,
    numbers: Annotated[list[int] | None, typer.Argument(metavar="[NUMBER...]")] = None,
    data: RunningData = None,
) -> None:
    """Tries dead letters again; each takes effect at most once. Without numbers: all of the service."""
    from launcher.dlq import replay_letters as replay
    from launcher.terminal import finish

    raise typer.Exit(0 if finish(replay(service, numbers or [], data=data)) else 1)


@forgotten.command("offsets")
def recover_offsets(services: Annotated[list[str], typer.Argument(metavar="SERVICE...")]) -> None:
    """Gives consumer groups the offsets back that the services' databases remember."""
    from launcher.recover import recover_offsets as give_back
    from launcher.terminal import finish

    finish(give_back(services))


@forgotten.command("topic")
def recover_topic(name: str) -> None:
    """Fills a topic that was deleted and made anew from its producers' outboxes."""
    from launcher.recover import recover_topic as fill
    from launcher.terminal import finish

    finish(fill(name))
