"""Opened facts read from their JSON, a column at a time: a month has too many for an object each."""

import polars as pl

from contracts.vocabulary import AnswerState, Dimension, ItemKind, QuestionKind, Score

DIMENSIONS = tuple(dimension.value for dimension in Dimension)

_CONTEXT = pl.Struct(
    {
        **dict.fromkeys(("service_type", "product", "region", "level"), pl.String),
        "handler": pl.Struct({"team": pl.String}),
        "purchases": pl.List(pl.Struct({"product": pl.String})),
    }
)
_ANSWER = pl.Struct(
    {
        **dict.fromkeys(("kind", "state", "dimension", "solved"), pl.String),
        **dict.fromkeys(("score", "likelihood"), pl.Int8),
        "alerts": pl.Boolean,
    }
)
_SHEET = pl.Struct({"answers": pl.List(_ANSWER)})
_TAGS = pl.Struct({"tags": pl.List(pl.Struct({"kind": pl.String, "code": pl.String}))})


def contexts(told: pl.Series) -> pl.DataFrame:
    """Of `ServiceContext` as JSON, null where it could not be opened: one row each, in the same order."""
    found = told.str.json_decode(_CONTEXT).struct.unnest()
    return found.select(
        "service_type",
        "product",
        "region",
        "level",
        team=pl.col("handler").struct.field("team"),
        purchases=pl.col("purchases").list.len().fill_null(0).cast(pl.Int32),
    )


def sheets(told: pl.Series) -> pl.DataFrame:
    """Of `AnswerSheet` as JSON, null where it could not be opened: one row each, in the same order.

    `unexplained`: a rating of 1 whose reason was asked in vain: survey asks about it by itself.
    """
    answers = told.str.json_decode(_SHEET).struct.field("answers")
    each = answers.to_frame("answer").with_row_index("row").explode("answer").unnest("answer")
    state, is_text = pl.col("state"), pl.col("kind") == QuestionKind.TEXT.value
    worst = pl.col("alerts").fill_null(False) & (pl.col("score") == Score.VERY_DISSATISFIED)
    in_vain = is_text & state.is_in([AnswerState.NOT_ANSWERED.value, AnswerState.REFUSED.value])
    explained = is_text & (state == AnswerState.ANSWERED.value)
    # the acceptance of a solution is answered in the same words and is another figure
    solved = pl.col("solved").filter(pl.col("kind") == QuestionKind.SOLVED.value)
    return (
        each.group_by("row", maintain_order=True)
        .agg(
            *[pl.col("score").filter(pl.col("dimension") == one).drop_nulls().first().alias(one) for one in DIMENSIONS],
            answered=(state == AnswerState.ANSWERED.value).sum().cast(pl.Int32),
            nps=pl.col("likelihood").drop_nulls().first(),
            solved=solved.drop_nulls().first(),
            unexplained=worst.any() & in_vain.any() & ~explained.any(),
        )
        .drop("row")
    )


def tags(told: pl.Series) -> pl.DataFrame:
    """Of `TagSheet` as JSON, null where there is none: one row each, in the same order.

    Before a response is tagged nothing is known of its problems, which is not the same as none.
    """
    each = told.str.json_decode(_TAGS).struct.field("tags").to_frame("tag").with_row_index("row")
    named = each.explode("tag").unnest("tag").filter(pl.col("kind") == ItemKind.PROBLEM.value)
    codes = named.group_by("row").agg(problems=pl.col("code").unique().sort())
    none = pl.lit([], dtype=pl.List(pl.String))
    return (
        each.with_columns(known=pl.col("tag").is_not_null())
        .join(codes, on="row", how="left", maintain_order="left")
        .select(
            problem=pl.when("known").then(pl.col("problems").is_not_null()),
            problems=pl.col("problems").fill_null(none),
        )
    )
