"""Callers and service teams, for recognition and coaching: below the minimum n nothing is said of a person, pure."""

import polars as pl

from services.reporting.calls import COMPLETED, CONNECTED, SELECTIONS, TALKED
from services.reporting.figure import Filters, ratio
from services.reporting.making import Figures
from services.reporting.sections import AgentRow, People, TeamRow
from services.reporting.span import Work


def people(make: Figures, work: Work) -> People:
    return People(agents=_agents(make, work), teams=_teams(make))


def _agents(make: Figures, work: Work) -> tuple[AgentRow, ...]:
    mine = work.calls.filter(SELECTIONS["by_agents"])
    rows = mine.group_by("agent").agg(
        calls=pl.len(),
        reached=CONNECTED.sum(),
        n=COMPLETED.sum(),
        whole=TALKED.filter(COMPLETED).sum(),
    )
    return tuple(
        AgentRow(
            agent=row["agent"],
            calls=row["calls"],
            reached=ratio(row["reached"], row["calls"]),
            rating=make.figure("callback", pl.col("agent") == row["agent"], Filters(agent=row["agent"])),
            seconds=row["whole"] / row["n"] / 1e6 if row["n"] >= make.limits.minimum_n else None,
        )
        for row in rows.sort("agent").iter_rows(named=True)
    )


def _teams(make: Figures) -> tuple[TeamRow, ...]:
    teams = make.sample.inside["team"].drop_nulls().unique().sort().to_list()
    rows = []
    for team in teams:
        within, filters = pl.col("team") == team, Filters(team=team)
        rows.append(
            TeamRow(
                team=team,
                overall=make.figure("overall", within, filters),
                attitude=make.figure("attitude", within, filters),
                solved=make.figure("solved", within, filters),
            )
        )
    return tuple(rows)
