"""The commands on questionnaire files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

commands = typer.Typer(help="Questionnaires as files: check, render, publish.", no_args_is_help=True)


class Form(StrEnum):
    agent = "agent"
    web = "web"
    ivr = "ivr"
    xlsx = "xlsx"


class Language(StrEnum):
    zh = "zh-CN"
    en = "en"


File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A questionnaire, such as care.v1.toml.")]
Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, metavar="FILE...")]


@commands.command()
def check(
    files: Files,
    against: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The version before; without it, the one beside FILE."),
    ] = None,
) -> None:
    """Names every fault, and what a change does to the figures: compatible, new series or forbidden.

    Ends with 1 for a fault or a forbidden change.
    """
    from launcher.questionnaire_files import judge

    judged = [judge(file, against) for file in files]
    raise typer.Exit(0 if all(judged) else 1)


@commands.command()
def render(
    file: File,
    channel: Annotated[Form, typer.Option(help="Which form of it.")],
    lang: Annotated[Language, typer.Option(help="In which language.")] = Language.zh,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A file to write; a workbook needs one.")] = None,
) -> None:
    """The agent's script (text), the customer's form (HTML), the telephone menu (JSON) or the table to fill in."""
    from launcher.questionnaire_files import rendered
    from launcher.terminal import complain
    from services.survey.questionnaire_file import InvalidQuestionnaire
    from services.survey.renderings.ivr import NotOffered

    if channel is Form.xlsx and out is None:
        complain("a workbook is written to a file: name one with -o")
        raise typer.Exit(1)
    try:
        content = rendered(file, channel.value, lang.value)
    except (InvalidQuestionnaire, NotOffered) as error:
        complain(str(error))
        raise typer.Exit(1) from None
    if out is None:
        typer.echo(content.decode(), nl=False)
    else:
        out.write_bytes(content)


@commands.command()
def publish(file: File) -> None:
    """Writes the content hash into published.toml beside the file: from then on it is asked, and never changes."""
    from launcher.questionnaire_files import publish as add

    raise typer.Exit(0 if add(file) else 1)
