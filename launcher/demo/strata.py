"""The strata of the demo's month: how many services each has, and how its customers judge them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stratum:
    """`overall`: share of the scores 1 to 5. `answers`: share of customers who can be won for an answer at all."""

    name: str
    scenario: str
    service_types: tuple[str, ...]
    count: int
    overall: tuple[float, float, float, float, float]
    solved: float
    answers: float
    teams: tuple[str, ...]
    blamed: tuple[str, ...]
    """Departments that its complaints are about."""
    vip: bool = False


_ALL = ("repair", "installation", "service_desk", "logistics", "product", "billing")

STRATA: tuple[Stratum, ...] = (
    Stratum("complaint", "complaint", ("投诉处理",), 105, (0.24, 0.30, 0.26, 0.15, 0.05), 0.40, 0.90,
            ("投诉专席一组",), _ALL),
    Stratum("vip", "after_sale", ("热水器维修", "空调维修"), 105, (0.0, 0.02, 0.05, 0.28, 0.65), 0.93, 0.86,
            ("华东维修一组",), ("repair", "billing"), vip=True),
    Stratum("after_sale/热水器维修", "after_sale", ("热水器维修",), 240, (0.01, 0.03, 0.10, 0.42, 0.44), 0.86, 0.76,
            ("华东维修一组", "华东维修二组"), ("repair", "logistics")),
    Stratum("after_sale/空调维修", "after_sale", ("空调维修",), 220, (0.01, 0.04, 0.13, 0.44, 0.38), 0.83, 0.72,
            ("华南维修一组",), ("repair", "product")),
    Stratum("installation/空调安装", "installation", ("空调安装",), 230, (0.01, 0.02, 0.08, 0.37, 0.52), 0.92, 0.74,
            ("华东安装一组",), ("installation", "logistics")),
    Stratum("installation/热水器安装", "installation", ("热水器安装",), 180, (0.01, 0.02, 0.10, 0.40, 0.47), 0.90, 0.72,
            ("华北安装二组",), ("installation", "billing")),
    Stratum("consultation/产品咨询", "consultation", ("产品咨询",), 210, (0.0, 0.02, 0.09, 0.40, 0.49), 0.91, 0.70,
            ("在线咨询组",), ("service_desk", "product")),
    Stratum("consultation/账单咨询", "consultation", ("账单咨询",), 170, (0.01, 0.04, 0.15, 0.44, 0.36), 0.84, 0.68,
            ("热线咨询组",), ("billing", "service_desk")),
)  # fmt: skip

OUTSIDE_FRAME = 40
"""Documents that the ledger must keep out, so that all make 1,500."""
