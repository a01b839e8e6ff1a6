"""How customers were heard, and what the way of asking does to the answer, pure."""

import polars as pl

from services.reporting.figure import Drill, Filters, ratio
from services.reporting.figures import FigureKind, value_of
from services.reporting.making import Figures
from services.reporting.parts import MODES, ONLINE, PHONE, RANDOM
from services.reporting.sections import ChannelRow, Channels, ModeEffect

_MODE = pl.when(MODES[PHONE]).then(pl.lit(PHONE)).when(MODES[ONLINE]).then(pl.lit(ONLINE))
COMPARED = {"overall": FigureKind.DIFFERENCE, "nps": FigureKind.NPS, "attitude": FigureKind.DIFFERENCE}


def channels(make: Figures) -> Channels:
    inside = make.sample.inside
    counts = inside.group_by("channel").len().sort(["len", "channel"], descending=[True, False])
    whole = inside.height
    return Channels(
        mix=tuple(
            ChannelRow(
                channel=channel,
                share=ratio(number, whole),
                overall=make.figure("overall", pl.col("channel") == channel, Filters(channel=channel)),
            )
            for channel, number in counts.iter_rows()
        ),
        random=ratio(inside.filter(RANDOM).height, whole),
        effects=_effects(make) if inside.filter(_MODE.is_not_null()).height else (),
    )


def _effects(make: Figures) -> tuple[ModeEffect, ...]:
    return tuple(
        ModeEffect(
            key=key,
            phone=make.figure(key, MODES[PHONE], Filters(mode=PHONE)),
            online=make.figure(key, MODES[ONLINE], Filters(mode=ONLINE)),
            difference=make.told(
                kind, make.sample.difference(value_of(key), _MODE, PHONE, ONLINE), Drill(selection="randomised")
            ),
        )
        for key, kind in COMPARED.items()
    )
