// Charts over the drawings of the page: the same numbers as in the table beside them. Without JavaScript the drawing stays.
(() => {
  "use strict";
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const inks = () => ({
    text: token("--text"), muted: token("--text-3"), line: token("--line"), accent: token("--accent"),
    low: token("--low"), mid: token("--mid"), high: token("--high"), surface: token("--surface"),
  });
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const base = (ink) => ({
    animation: !calm.matches, animationDuration: 120,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink.text },
    tooltip: {
      backgroundColor: ink.surface, borderColor: ink.line, textStyle: { color: ink.text }, confine: true,
      renderMode: "richText",
    },
  });
  const axis = (ink, more) => ({
    axisLine: { lineStyle: { color: ink.muted } }, axisLabel: { color: ink.muted, fontSize: 12 },
    splitLine: { lineStyle: { color: ink.line } }, scale: true, ...more,
  });

  // Bounds and limits are drawn as marks, which an axis does not look at: unseen series make room for them.
  const unseen = (type, ...many) => many.map((data) => ({
    type, data, silent: true, symbol: "none", symbolSize: 0, lineStyle: { opacity: 0 }, itemStyle: { opacity: 0 }, tooltip: { show: false },
  }));

  function trend(data, ink) {
    const whiskers = data.periods
      .map((period, at) => [[period, data.low[at]], [period, data.high[at]]])
      .filter(([low, high]) => low[1] !== null && high[1] !== null)
      .map(([low, high]) => [{ coord: low }, { coord: high }]);
    const limits = data.limits.map((limit) => ({
      yAxis: limit.value, label: { formatter: limit.told, position: "end", color: ink.muted },
    }));
    return {
      ...base(ink),
      grid: { left: 48, right: 64, top: 16, bottom: 28 },
      xAxis: axis(ink, { type: "category", data: data.periods, splitLine: { show: false } }),
      yAxis: axis(ink, {
        type: "value",
        axisLabel: { color: ink.muted, formatter: (value) => (data.percent ? `${Math.round(value * 100)}%` : value) },
      }),
      tooltip: {
        ...base(ink).tooltip, trigger: "axis",
        formatter: (points) => `${points[0].axisValue}\n${data.told[points[0].dataIndex]}`,
      },
      series: [
        {
          type: "line", data: data.values, connectNulls: false, symbol: "circle", symbolSize: 8,
          lineStyle: { color: ink.accent, width: 2 }, itemStyle: { color: ink.accent },
          markLine: {
            symbol: "none", silent: true, animation: false,
            lineStyle: { color: ink.accent, opacity: 0.35, width: 5, type: "solid" }, label: { show: false },
            data: whiskers,
          },
        },
        ...unseen("line", data.low, data.high, ...data.limits.map((limit) => data.periods.map(() => limit.value))),
        {
          type: "line", data: [], markLine: {
            symbol: "none", silent: true, animation: false, lineStyle: { color: ink.muted, type: "dashed" }, data: limits,
          },
        },
      ],
    };
  }

  function matrix(data, ink) {
    const signs = { low: "path://M0 0H12L6 10z", mid: "rect", high: "path://M0 10H12L6 0z" };
    const whiskers = (point) => [
      [{ coord: [point.across[1], point.up[0]] }, { coord: [point.across[2], point.up[0]] }],
      [{ coord: [point.across[0], point.up[1]] }, { coord: [point.across[0], point.up[2]] }],
    ];
    const corners = data.points.flatMap((point) => [[point.across[1], point.up[1]], [point.across[2], point.up[2]]]);
    const edges = corners.map(([across]) => across);
    const farRight = Math.min(...edges) + (2 / 3) * (Math.max(...edges) - Math.min(...edges));
    return {
      ...base(ink),
      grid: { left: 40, right: 72, top: 24, bottom: 32 },
      xAxis: axis(ink, { type: "value", splitLine: { show: false }, splitNumber: 4 }),
      yAxis: axis(ink, { type: "value", axisLine: { onZero: false, lineStyle: { color: ink.muted } } }),
      tooltip: { ...base(ink).tooltip, trigger: "item", formatter: (point) => `${point.seriesName}\n${data.points[point.seriesIndex].told}` },
      series: [...data.points.map((point) => ({
        type: "scatter", name: point.name, data: [[point.across[0], point.up[0]]], symbol: signs[point.mark], symbolSize: 12,
        itemStyle: { color: ink[point.mark] },
        label: { show: true, position: point.across[0] > farRight ? "left" : "right", distance: 8, offset: [0, -10], formatter: point.name, color: ink[point.mark], fontWeight: 600 },
        markLine: {
          symbol: "none", silent: true, animation: false, label: { show: false },
          lineStyle: { color: ink[point.mark], type: "solid", width: 2 }, data: whiskers(point),
        },
        labelLayout: { moveOverlap: "shiftY" },
      })), ...unseen("scatter", corners)],
    };
  }

  const makers = { trend, matrix };
  function live(place) {
    const data = JSON.parse(place.dataset.chart);
    place.replaceChildren();
    place.classList.add("live");
    const chart = window.echarts.init(place, null, { renderer: "canvas" });
    const draw = () => chart.setOption(makers[data.kind](data, inks()), true);
    draw();
    new ResizeObserver(() => chart.resize()).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    addEventListener("beforeprint", () => chart.resize());
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (window.echarts) for (const place of document.querySelectorAll("[data-chart]")) live(place);
  });
})();
