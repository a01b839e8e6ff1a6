"""`aftercall audio` and `aftercall exchange`: sounds of the calls by keypad, and an exchange to try them on."""

from pathlib import Path
from typing import Annotated

import typer

audio = typer.Typer(help="Prompts and tunes of the calls by keypad: make placeholders, check.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The folder of sounds, as AFTERCALL_SURVEY_ARI_SOUNDS names it.")]


@audio.command()
def render(folder: Folder) -> None:
    """Writes what is missing: own tunes, and every sentence by espeak-ng (as a tone where that is missing)."""
    from launcher.audio.render import render as write
    from launcher.terminal import complain, say

    done = write(folder)
    say(f"{done.tunes} tunes, {done.spoken} sentences, {done.tones} tones written; {done.kept} files left as they are.")
    if done.tones:
        complain("espeak-ng is missing: sentences are tones. Install it, remove the tones and call this again.")


@audio.command()
def check(folder: Folder) -> None:
    """Names every file that breaks a rule; ends with 1 when there is one."""
    from launcher.audio.check import faults
    from launcher.terminal import say

    found = list(faults(folder))
    for fault in found:
        say(f"{fault.file}.wav {fault.rule}")
    say(f"{len(found)} faults." if found else "Every tune and every sentence is as it must be.")
    raise typer.Exit(1 if found else 0)


def exchange(
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch it when there is none.")] = False,
) -> None:
    """Says where a telephone exchange (Asterisk) is on this machine; ends with 1 when there is none."""
    from launcher.telephony import found
    from launcher.terminal import complain, say

    try:
        program = found.find()
    except found.NoExchange as error:
        if not fetch:
            complain(str(error))
            raise typer.Exit(1) from None
        try:
            program = found.fetch()
        except found.NoExchange as why:
            complain(str(why))
            raise typer.Exit(1) from None
    say(program.command[-1])
