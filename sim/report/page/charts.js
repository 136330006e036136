// Charts: one place for colours, sizes, keyboard and the table that says the same.

const allCharts = [];

const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const knownColors = new Map();
/** A colour of page.css. */
function color(name) {
  if (!knownColors.has(name)) knownColors.set(name, getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim());
  return knownColors.get(name);
}
const categoryColor = (i) => color("c" + (i % 12));

/** A colour for i of n ordered values. */
function orderedColor(i, n) {
  const at = n > 1 ? (4 * i) / (n - 1) : 2;
  const mix = (a, b, t) => "#" + [1, 3, 5].map((k) =>
    Math.round(parseInt(a.slice(k, k + 2), 16) * (1 - t) + parseInt(b.slice(k, k + 2), 16) * t).toString(16).padStart(2, "0")).join("");
  const low = Math.min(3, Math.floor(at));
  return mix(color("s" + low), color("s" + (low + 1)), at - low);
}

/** Options that all charts share. */
const base = () => ({
  animation: false,
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: color("text") },
  tooltip: {
    confine: true, backgroundColor: color("card"), borderColor: color("line"), padding: [6, 10],
    textStyle: { color: color("text"), fontSize: 13 }, extraCssText: "max-width: 460px; white-space: normal",
  },
  legend: { type: "scroll", top: 0, itemWidth: 13, itemHeight: 10, textStyle: { color: color("text") },
    pageTextStyle: { color: color("muted") }, pageIconColor: color("accent"), inactiveColor: color("other") },
});

/** An axis with its name in the middle. */
const axis = (name, more = {}) => ({
  name, nameLocation: "middle", nameGap: 30, nameTextStyle: { color: color("text"), fontSize: 13 },
  axisLine: { show: true, lineStyle: { color: color("other") } },
  axisTick: { lineStyle: { color: color("other") } },
  axisLabel: { color: color("muted"), hideOverlap: true },
  splitLine: { lineStyle: { color: color("faint") } }, minorSplitLine: { show: false },
  ...more,
});

/** Ticks of numbers that may be large or small. */
const tick = (value) => {
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e4 || size < 1e-2)) return si(value, "").trim();
  return String(Number(value.toPrecision(4)));
};

/** A box of a tooltip: a title and lines of name and value. */
const tip = (title, lines) => el("div", { class: "tip" }, el("b", {}, title),
  el("table", {}, lines.map(([k, v]) => el("tr", {}, el("td", {}, k), el("td", {}, v)))));

/**
 * A chart in `parent`. option(): for ECharts, also called when the colour scheme changes. label(): what it shows, for
 * those who do not see it. steps(): [{show: an action for ECharts, text, pick}] that the arrow keys go through.
 * table(): an element that says the same in words, made when it is opened. Returns {draw, chart}.
 */
function addChart(parent, { height, option, label, steps, table, keys, keep }) {
  const box = el("div", { class: "chart", role: "img", tabindex: "0", style: `height:${height}px` });
  const figure = el("figure", {}, box);
  parent.append(figure);
  const chart = echarts.init(box, null, { renderer: "canvas" });
  let at = -1;
  const self = {
    chart, box,
    draw() {
      at = -1;
      box.setAttribute("aria-label", label());
      chart.setOption({ ...base(), ...option() }, keep ? { replaceMerge: ["series"] } : { notMerge: true });
      box.dataset.drawn = "yes";
      if (open && open.open) fill();
    },
    resize(newHeight) {
      box.style.height = newHeight + "px";
      if (chart.getHeight() !== newHeight) chart.resize();
    },
  };
  box.addEventListener("keydown", (event) => {
    if (keys && keys(event)) return event.preventDefault();
    if (!steps) return;
    const all = steps();
    const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (move && all.length > 0) {
      at = at < 0 ? (move > 0 ? 0 : all.length - 1) : (at + move + all.length) % all.length;
      chart.dispatchAction({ type: "showTip", ...all[at].show });
      say(all[at].text);
      event.preventDefault();
    } else if (event.key === "Enter" && at >= 0 && all[at].pick) {
      all[at].pick();
      event.preventDefault();
    } else if (event.key === "Escape") {
      chart.dispatchAction({ type: "hideTip" });
    }
  });
  let open = null;
  const fill = () => open.replaceChildren(open.firstChild, table());
  if (table) {
    open = el("details", { ontoggle: () => open.open && fill() }, el("summary", {}, "As a table"));
    figure.append(open);
  }
  // The first report is of the size that the chart was made with.
  new ResizeObserver(() => {
    if (chart.getWidth() !== box.clientWidth || chart.getHeight() !== box.clientHeight) chart.resize();
  }).observe(box);
  allCharts.push(self);
  return self;
}

darkScheme.addEventListener("change", () => {
  knownColors.clear();
  allCharts.forEach((c) => c.draw());
});

/**
 * Horizontal stacked bars. state(): {bars: [{label, values}], parts: [names], colors: [..], unit, text(value), share}.
 * The legend's order is that of the parts; those that are nowhere more than nothing are left out.
 */
function addStackedBars(parent, title, state) {
  const height = () => 96 + 26 * Math.max(1, state().bars.length);
  const used = (s) => s.parts.map((_, i) => i).filter((i) => s.bars.some((b) => b.values[i] > 0));
  const total = (bar) => bar.values.reduce((sum, v) => sum + (v || 0), 0);
  const self = addChart(parent, {
    height: height(),
    label: () => {
      const s = state();
      return `${title}: stacked bars of ${s.bars.length} rows, parts ${used(s).map((i) => s.parts[i]).join(", ")}. ` +
        "Arrow keys step through the rows.";
    },
    option: () => {
      const s = state();
      return {
        tooltip: { ...base().tooltip, trigger: "axis", axisPointer: { type: "shadow" }, formatter: (items) => {
          const bar = s.bars[items[0].dataIndex];
          return tip(bar.label, [...used(s).filter((i) => bar.values[i] > 0).map((i) =>
            [s.parts[i], `${s.text(bar.values[i])} (${percent(bar.values[i] / total(bar))})`]), ["total", s.text(total(bar))]]);
        } },
        grid: { left: 10, right: 24, top: 34, bottom: 34, containLabel: true },
        xAxis: axis(s.share ? withUnit(title, "share") : withUnit(title, s.unit), { type: "value", nameGap: 26,
          max: s.share ? 1 : undefined, axisLabel: { ...axis("").axisLabel, formatter: s.share ? (v) => 100 * v + " %" : tick } }),
        yAxis: axis("", { type: "category", inverse: true, data: s.bars.map((b) => b.label),
          axisLabel: { color: color("text"), width: 390, overflow: "truncate", interval: 0 }, axisTick: { show: false } }),
        series: used(s).map((i) => ({
          type: "bar", stack: "all", name: s.parts[i], barMaxWidth: 18, itemStyle: { color: color(s.colors[i]) },
          data: s.bars.map((b) => (s.share ? b.values[i] / (total(b) || 1) : b.values[i])),
        })),
      };
    },
    steps: () => state().bars.map((b, i) => ({ show: { seriesIndex: 0, dataIndex: i }, text: `${b.label}: ${state().text(total(b))}` })),
    table: () => {
      const s = state();
      return smallTable(title, ["", ...used(s).map((i) => s.parts[i]), "total"],
        s.bars.map((b) => [b.label, ...used(s).map((i) => s.text(b.values[i])), s.text(total(b))]));
    },
  });
  return { draw() { self.resize(height()); self.draw(); } };
}

/** Where cycles go and what costs energy: their parts have the same colours everywhere. */
const kCauseColors = { compute: "c2", edge: "c9", merge: "c5", prescan: "c10", dequant: "c1", weight_load: "c4",
  fill_drain: "c8", wait_act: "c0", wait_wgt: "c7", wait_out: "c3", store_tail: "c11" };
const kEnergyColors = { pe: "c0", dequant: "c1", accumulator: "c5", epilogue: "c9", sram: "c2", dram: "c7", clock: "c4",
  leakage: "c8", other: "other" };
