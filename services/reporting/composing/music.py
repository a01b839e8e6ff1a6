"""Ending tunes: the score chooses the tune and the tune plays after the answer, so only bands compare tunes, pure."""

import polars as pl

from services.reporting.calls import DRAWN, SELECTIONS
from services.reporting.figure import Drill, ratio
from services.reporting.figures import BANDS
from services.reporting.making import Figures
from services.reporting.parts import SECOND
from services.reporting.sections import Music, NamedFigure, TuneRow
from services.reporting.span import Span, Work


def music(make: Figures, span: Span, work: Work) -> Music:
    """`later`: of the answers after which a pilot had drawn the tune and which were asked again, how many gave 3 or
    more.

    A tune that nobody drew followed the scenario, the language or the brand: it would compare these.
    """
    played = work.calls.filter(SELECTIONS["tunes"])
    if not played.height:
        return Music(empty=True, bands=_bands(make), tunes=())
    return Music(empty=False, bands=_bands(make), tunes=_tunes(span, played))


def scored(span: Span, played: pl.DataFrame) -> pl.DataFrame:
    """Plays with the `overall` score after which the tune was chosen."""
    return played.join(span.frame.filter(~pl.col("voided")).select("response_id", "overall"), on="response_id")


def _bands(make: Figures) -> tuple[NamedFigure, ...]:
    answered = pl.col("overall").is_not_null()
    return tuple(
        NamedFigure(key=name, figure=make.share(band, answered, Drill(selection=f"band_{name}")))
        for name, band in BANDS.items()
    )


def _tunes(span: Span, played: pl.DataFrame) -> tuple[TuneRow, ...]:
    later = (
        span.frame.filter(SECOND)
        .sort("round", "ended_at", "response_id")
        .group_by("about_response_id", maintain_order=True)
        .last()
        .select(response_id="about_response_id", later="overall")
    )
    heard = scored(span, played).join(later, on="response_id", how="left")
    rows = []
    for name, band in BANDS.items():
        counts = (
            heard.filter(band)
            .group_by("tune")
            .agg(
                plays=pl.len(),
                drawn=DRAWN.sum(),
                good=(DRAWN & (pl.col("later") >= 3)).sum(),
                asked=(DRAWN & pl.col("later").is_not_null()).sum(),
            )
        )
        rows += [
            TuneRow(band=name, tune=tune, plays=plays, drawn=drew, later=ratio(good, asked))
            for tune, plays, drew, good, asked in counts.sort("tune").iter_rows()
        ]
    return tuple(rows)
