"""How customers were heard, and what the way of asking does to the answer, pure."""

import polars as pl

from contracts.vocabulary import Channel, ChannelReason
from services.reporting.figure import Drill, Filters, Ratio
from services.reporting.figures import FigureKind, value_of
from services.reporting.making import Figures
from services.reporting.sections import ChannelRow, Channels, ModeEffect

PHONE, ONLINE = "phone", "online"
_RANDOM = pl.col("channel_reason") == ChannelReason.RANDOM.value
_MODE = (
    pl.when(pl.col("inside") & _RANDOM & (pl.col("channel") == Channel.PHONE.value))
    .then(pl.lit(PHONE))
    .when(pl.col("inside") & _RANDOM & pl.col("channel").is_in([Channel.SMS.value, Channel.EMAIL.value]))
    .then(pl.lit(ONLINE))
)
"""Only those whose channel was assigned at random may be compared: others chose it, and differ for that reason."""
COMPARED = {"overall": FigureKind.DIFFERENCE, "nps": FigureKind.NPS, "attitude": FigureKind.DIFFERENCE}


def channels(make: Figures) -> Channels:
    inside = make.sample.answers.filter("inside")
    counts = inside.group_by("channel").len().sort(["len", "channel"], descending=[True, False])
    whole = inside.height
    return Channels(
        mix=tuple(
            ChannelRow(
                channel=channel,
                share=Ratio(count=number, of=whole, value=number / whole),
                overall=make.figure("overall", pl.col("channel") == channel, Filters(channel=channel)),
            )
            for channel, number in counts.iter_rows()
        ),
        random=_share(inside.filter(_RANDOM).height, whole),
        effects=_effects(make) if inside.filter(_MODE.is_not_null()).height else (),
    )


def _effects(make: Figures) -> tuple[ModeEffect, ...]:
    return tuple(
        ModeEffect(
            key=key,
            phone=make.figure(key, _MODE == PHONE),
            online=make.figure(key, _MODE == ONLINE),
            difference=make.told(
                kind, make.sample.difference(value_of(key), _MODE, PHONE, ONLINE), Drill(selection="randomised")
            ),
        )
        for key, kind in COMPARED.items()
    )


def _share(count: int, of: int) -> Ratio:
    return Ratio(count=count, of=of, value=count / of if of else None)
