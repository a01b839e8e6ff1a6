"""Parts of the calls that have a name: columns of `span.CALLS`, pure."""

import polars as pl

from contracts.vocabulary import Channel, Disposition

BY_PHONE = pl.col("channel") == Channel.PHONE.value
CONNECTED = BY_PHONE & pl.col("connected_at").is_not_null()
COMPLETED = CONNECTED & (pl.col("disposition") == Disposition.COMPLETE.value)
TALKED = (pl.col("ended_at") - pl.col("connected_at")).dt.total_microseconds()
