"""The sample of a closed period: written to a file, and checked from the file alone."""

from pathlib import Path

from chassis.runtime import open_runtime
from launcher.addresses import settings_of
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.terminal import complain, say
from services.scheduler.handlers.exporting import NotExportable, sample_of
from services.scheduler.sample_check import SampleCheck
from services.scheduler.sample_file import Sample, SampleFault, read_sample, write_sample

MODE = 0o600
SHOWN = 50


async def export_sample(period: str, file: Path, *, data: Path | None) -> None:
    """The ledger has service numbers in it: the file is for its owner only."""
    (service,) = load_services(["scheduler"])
    runtime = await open_runtime(service, settings_of(data))
    try:
        sample = await sample_of(runtime, period)
    except NotExportable as error:
        raise StartError(str(error)) from None
    finally:
        await runtime.close()
    _write(file, sample)
    say(f"{period}: {len(sample.rows)} services, {sum(row.in_frame for row in sample.rows)} in the frame, to {file}")


def _write(file: Path, sample: Sample) -> None:
    try:
        file.touch(mode=MODE, exist_ok=False)
        write_sample(file, sample)
    except FileExistsError:
        raise StartError(f"{file} exists: name a new file.") from None
    except OSError as error:
        raise StartError(f"{file} cannot be written: {error.strerror}.") from None


def verify_sample(file: Path) -> bool:
    """Prints N, n and N/n per stratum and every difference; True when there is none."""
    try:
        check = SampleCheck(read_sample(file))
    except SampleFault as error:
        complain(str(error))
        return False
    except OSError as error:
        complain(f"{file} cannot be read: {error.strerror}.")
        return False
    for line in check.strata():
        ratio = f"N/n {line['ratio']:.3f}" if line["ratio"] else "n = 0"
        short = f", floor {line['floor_missed']} missed" if line["floor_missed"] else ""
        say(f"{line['stratum']}\tN {line['accepted']}\tn {line['selected']}\t{ratio}{short}")
    erased = sum(row.erased for row in check.sample.rows)
    differences = check.differences()
    for difference in differences[:SHOWN]:
        complain(difference)
    say(f"{check.sample.period}: {len(check.sample.rows)} services ({erased} erased), {len(differences)} differences")
    return not differences
