"""`aftercall lexicon`: look at a lexicon before it is taken. Nothing here changes what is stored."""

from pathlib import Path
from typing import Annotated

import typer

from launcher.options import RunningData

lexicon = typer.Typer(help="The words that tagging knows: check them, score them, try a change.", no_args_is_help=True)

LexiconFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="A changed zh.toml or en.toml; without it the one in use.")
]


@lexicon.command()
def check(file: LexiconFile = None) -> None:
    """Names every contradiction; ends with 1 when there is one."""
    from launcher.lexicon import check as look

    raise typer.Exit(0 if look(file) else 1)


@lexicon.command("try")
def try_out(
    file: Annotated[Path, typer.Argument(help="A changed zh.toml or en.toml.")],
    data: RunningData = None,
) -> None:
    """What a changed lexicon would move among the texts that people judged; nothing is changed."""
    from launcher.lexicon import try_out as attempt
    from launcher.terminal import finish

    finish(attempt(file, data=data))


@lexicon.command()
def score(
    file: LexiconFile = None,
    misses: Annotated[bool, typer.Option("--misses", help="List what the development half shows wrong.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/tagging.md.")] = False,
) -> None:
    """Precision and recall of every tag on both halves of the labelled sentences."""
    from launcher.lexicon import score as measure

    measure(file, misses=misses, write=write)
