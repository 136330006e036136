// A sweep: every view shows the same points, and what one selects, all show.

/** A column of numbers: base64 of a typed array, or one value for all. */
function readColumn({ type, all, base64 }, count) {
  const Kind = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array }[type];
  if (base64 === undefined) return new Kind(count).fill(all === null ? NaN : all);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = text.charCodeAt(i);
  return new Kind(bytes.buffer);
}

const kLinesShown = 1000, kBarsShown = 20, kManyPoints = 3000;

function showSweep(data) {
  const count = data.count;
  const axes = data.axes.map((a) => ({ ...a, at: readColumn(a.column, count) }));
  const metrics = data.metrics.map((m) => ({ ...m, ...unitOf(m.name), value: readColumn(m.column, count), constant: m.column.base64 === undefined }));
  const status = readColumn(data.status, count), reason = readColumn(data.reason, count), pareto = readColumn(data.pareto, count);
  const metric = new Map(metrics.map((m) => [m.name, m]));
  const objectives = data.objectives.map((o) => ({ ...o, ...metric.get(o.metric) }));
  const varying = axes.filter((a) => a.values.length > 1);
  // Of keys that move together the first says it all; derived keys follow from the others.
  const telling = varying.filter((a, k) => a.axis !== null && varying.findIndex((b) => b.axis === a.axis) === k);
  const ids = Array.from({ length: count }, (_, i) => i);
  const done = ids.filter((i) => status[i] === 0), front = done.filter((i) => pareto[i]);
  const broken = ids.filter((i) => status[i] === 1 && !Number.isNaN(objectives[0].value[i]));

  // Quantities for axes of charts: objectives first, then numbers of the design, then all other metrics that vary.
  const quantities = [
    ...objectives.map((o) => ({ id: o.metric, name: metricName(o.metric), unit: o.unit, text: o.text, of: (i) => o.value[i] })),
    ...varying.filter((a) => a.numbers).map((a) => ({ id: "axis " + a.key, name: a.name, unit: "", text: plain, of: (i) => a.numbers[a.at[i]] })),
    ...metrics.filter((m) => !m.constant && !objectives.some((o) => o.metric === m.name)).map((m) =>
      ({ id: m.name, name: metricName(m.name), unit: m.unit, text: m.text, of: (i) => m.value[i] })),
  ];
  const quantity = (id) => quantities.find((q) => q.id === id);
  const wide = (q, list) => {
    let low = Infinity, high = -Infinity;
    for (const i of list) { const v = q.of(i); if (v < low) low = v; if (v > high) high = v; }
    return low > 0 && high / low > 20;
  };

  const title = (i) => telling.map((a) => a.values[a.at[i]]).join(" · ") || "the only point";
  const lines = (i) => [
    ...telling.map((a) => [a.name, a.values[a.at[i]]]),
    ...objectives.map((o) => [metricName(o.metric), `${o.text(o.value[i])}${o.text === plain ? " " + o.unit : ""}`])];
  const spoken = (i) => lines(i).map(([k, v]) => `${k} ${v}`).join(", ") + (pareto[i] ? ", on the Pareto front" : "");

  // ---- selection: every view adds a filter; what passes all of them is selected.
  const filters = new Map();
  let selected = done, isSelected = null;  // null: everything
  const views = [];
  function select(source, test) {
    if (test) filters.set(source, test);
    else filters.delete(source);
    const tests = [...filters.values()];
    selected = tests.length ? done.filter((i) => tests.every((t) => t(i))) : done;
    isSelected = tests.length ? new Set(selected) : null;
    bar.classList.toggle("on", filters.size > 0);
    barText.textContent = `${selected.length.toLocaleString("en-US")} of ${done.length.toLocaleString("en-US")} designs selected`;
    views.forEach((v) => v());
  }
  const clears = [];
  const barText = el("span", { "aria-live": "polite" });
  const bar = el("div", { class: "selection" }, barText,
    el("button", { type: "button", onclick: () => { clears.forEach((c) => c()); filters.clear(); select("none", null); } }, "Show all"));

  // ---- groups by colour
  const colorable = telling.filter((a) => a.values.length <= 12);
  let colored = colorable.find((a) => !a.numbers) || colorable[0] || null;
  const groups = () => !colored ? [{ name: "designs", color: color("c0"), of: () => true }] : colored.values.map((v, g) => ({
    name: v, color: colored.numbers ? orderedColor(g, colored.values.length) : categoryColor(g), of: (i) => colored.at[i] === g }));

  // ---- header
  const counts = data.statuses.map((_, s) => ids.filter((i) => status[i] === s).length);
  addHeader("Sweep: " + data.title, data.description, [
    ["designs done", counts[0].toLocaleString("en-US")], ["on the Pareto front", front.length.toLocaleString("en-US")],
    ...counts.map((c, s) => [{ violates: "violate a constraint" }[data.statuses[s]] || data.statuses[s], c.toLocaleString("en-US")]).slice(1).filter((c) => c[1] !== "0"),
    ...objectives.map((o) => {
      const best = done.reduce((b, i) => (b < 0 || (o.maximize ? o.value[i] > o.value[b] : o.value[i] < o.value[b]) ? i : b), -1);
      return [`best ${metricName(o.metric)}${o.text === plain && o.unit ? ", " + o.unit : ""}`, best < 0 ? "–" : o.text(o.value[best])];
    })]);
  if (done.length === 0) addSection("nothing", "No design is done", "Below is why.");
  else {
    addScatter();
    addParallel();
    addBars();
    if (data.sensitivity.length) addSensitivity();
    addPoints();
    addLayers();
  }
  if (counts.slice(1).some((c) => c > 0)) addReasons();
  const about = addSection("about", "Where this comes from", `Program ${data.revision}.` +
    (data.operands ? ` With ${data.operands}.` : "") +
    (data.left_out.length ? ` To keep the page small it leaves out ${data.left_out.length} metrics (${data.left_out.slice(0, 4).join(", ")} …); the store has them.` : ""));
  about.append(el("details", { open: "" }, el("summary", {}, "The sweep file"), el("pre", { tabindex: "0" }, data.source)));
  document.body.append(bar);
  document.addEventListener("keydown", (e) => { if (e.key === "Escape" && filters.size) bar.querySelector("button").click(); });
  views.forEach((v) => v());

  function addScatter() {
    const section = addSection("tradeoffs", "Trade-offs",
      "Each dot is a design; rings mark the Pareto front of " + objectives.map((o) => metricName(o.metric) + (o.maximize ? " (more)" : " (less)")).join(", ") +
      ". Drag over the chart to select designs; arrow keys step along the front, Enter selects one.");
    const controls = el("div", { class: "controls" });
    section.append(controls);
    const options = quantities.map((q) => [q.id, withUnit(q.name, q.unit)]);
    const picked = { x: quantities[Math.min(1, quantities.length - 1)], y: quantities[0] };
    if (objectives.length > 2) { picked.x = quantity(objectives[objectives.length - 1].metric); }
    const log = { x: wide(picked.x, done), y: wide(picked.y, done) };
    const boxes = {};
    for (const d of ["x", "y"]) {
      addSelect(controls, { x: "Across", y: "Up" }[d], options, picked[d].id, (id) => {
        picked[d] = quantity(id);
        boxes[d].checked = log[d] = wide(picked[d], done);
        clear(); select("scatter", null);
      });
      addCheck(controls, "log", log[d], (on) => { log[d] = on; clear(); select("scatter", null); });
      boxes[d] = controls.lastChild.firstChild;
    }
    if (colorable.length) addSelect(controls, "Colour", colorable.map((a) => [a.key, a.name]), colored.key, (key) => {
      colored = axes.find((a) => a.key === key);
      views.forEach((v) => v());
    });
    const at = (i) => [picked.x.of(i), picked.y.of(i), i];
    const byX = () => front.filter((i) => !isSelected || isSelected.has(i)).sort((a, b) => picked.x.of(a) - picked.x.of(b));
    const many = done.length > kManyPoints;
    const dots = (name, list, dotColor, more) => ({ type: "scatter", name, data: list.map(at), symbolSize: many ? 4 : 7,
      itemStyle: { color: dotColor, opacity: 0.85 }, large: many, largeThreshold: 300, ...more });
    const self = addChart(section, {
      height: 520, keep: true,
      label: () => `Scatter of ${selected.length} designs: ${picked.y.name} over ${picked.x.name}; ${front.length} are on the Pareto front. Arrow keys step along it, Enter selects.`,
      option: () => ({
        tooltip: { ...base().tooltip, trigger: "item", formatter: (p) => tip(pareto[p.value[2]] ? "On the Pareto front" : "Design", lines(p.value[2])) },
        grid: { left: 76, right: 28, top: 40, bottom: 56 },
        xAxis: axis(withUnit(picked.x.name, picked.x.unit), { type: log.x ? "log" : "value", scale: true, axisLabel: { ...axis("").axisLabel, formatter: tick } }),
        yAxis: axis(withUnit(picked.y.name, picked.y.unit), { type: log.y ? "log" : "value", scale: true, nameGap: 54, axisLabel: { ...axis("").axisLabel, formatter: tick } }),
        brush: { xAxisIndex: 0, yAxisIndex: 0, transformable: true, throttleType: "debounce", throttleDelay: 50,
          brushStyle: { color: "rgba(80,130,220,0.12)", borderColor: color("accent"), borderWidth: 1 }, outOfBrush: {}, inBrush: {} },
        toolbox: { show: false },
        series: [
          ...(isSelected ? [dots("not selected", done.filter((i) => !isSelected.has(i)), color("other"), { silent: true, z: 1, itemStyle: { color: color("other"), opacity: 0.35 } })] : []),
          ...(broken.length ? [dots("violates a constraint", broken, color("other"), { symbol: "diamond", z: 1, itemStyle: { color: color("other"), opacity: 0.5 } })] : []),
          ...groups().map((g) => dots(g.name, selected.filter(g.of), g.color, {})),
          { type: objectives.length === 2 ? "line" : "scatter", name: "Pareto front", data: byX().map(at), symbol: "circle", symbolSize: front.length > 200 ? 8 : 12, z: 5,
            showSymbol: true, showAllSymbol: true, lineStyle: { color: color("text"), width: 1, type: "dashed", opacity: 0.6 }, itemStyle: { color: "transparent", borderColor: color("text"), borderWidth: front.length > 200 ? 1 : 1.6 } },
        ],
      }),
      steps: () => {
        const series = self.chart.getOption().series.length - 1;
        return byX().map((i, k) => ({ show: { seriesIndex: series, dataIndex: k }, text: spoken(i), pick: () => select("scatter", (j) => j === i) }));
      },
      table: () => smallTable("Pareto front", [...varying.map((a) => a.name), ...objectives.map((o) => withUnit(metricName(o.metric), o.unit))],
        byX().map((i) => [...varying.map((a) => a.values[a.at[i]]), ...objectives.map((o) => plain(o.value[i]))])),
    });
    // ECharts draws and moves the frame; which designs are in it is ours to say.
    const brushing = () => self.chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: { brushType: "rect", brushMode: "single" } });
    self.chart.on("brushEnd", ({ areas }) => {
      if (!areas.length || !areas[0].coordRange) return select("scatter", null);
      const [[x0, x1], [y0, y1]] = areas[0].coordRange;
      select("scatter", (i) => picked.x.of(i) >= x0 && picked.x.of(i) <= x1 && picked.y.of(i) >= y0 && picked.y.of(i) <= y1);
    });
    const clear = () => self.chart.dispatchAction({ type: "brush", areas: [] });
    clears.push(clear);
    views.push(() => { self.draw(); brushing(); });
  }

  function addParallel() {
    const dims = [
      ...telling.map((a) => ({ name: a.name, words: a.values, of: (i) => a.at[i] })),
      ...objectives.map((o) => ({ name: metricName(o.metric).replace(" ", "\n"), unit: o.unit, of: (i) => o.value[i], inverse: !o.maximize,
        log: wide({ of: (i) => o.value[i] }, done) }))];
    const section = addSection("parallel", "All axes at once",
      "A line is a design; it crosses each axis at its value, and of the objectives the better end is up. Drag along an axis to select." +
      (done.length > kLinesShown ? ` The front and some others, ${kLinesShown.toLocaleString("en-US")} lines at most.` : ""));
    const shown = (list) => {
      if (list.length <= kLinesShown) return list;
      const first = list.filter((i) => pareto[i]).slice(0, kLinesShown), rest = list.filter((i) => !pareto[i]);
      const step = rest.length / Math.max(1, kLinesShown - first.length);
      return [...rest.filter((_, k) => Math.floor(k / step) !== Math.floor((k - 1) / step)), ...first];
    };
    const intervals = new Map();
    const line = (name, list, lineColor, opacity) => ({ type: "parallel", name, data: list.map((i) => ({ value: dims.map((d) => d.of(i)), id: i })),
      lineStyle: { color: lineColor, width: 1.2, opacity }, inactiveOpacity: 0.03, activeOpacity: opacity, progressive: 0, silent: name === "not selected",
      emphasis: { lineStyle: { width: 3, opacity: 1 } } });
    const self = addChart(section, {
      height: 380, keep: true,
      label: () => `Parallel coordinates of ${selected.length} designs over ${dims.map((d) => d.name).join(", ")}. The filters of the table of designs select the same way.`,
      option: () => {
        const opacity = Math.min(0.9, Math.max(0.12, 6 / Math.sqrt(selected.length + 1)));
        const label = { color: color("text"), fontSize: 11, width: 110, overflow: "truncate", hideOverlap: true, textBorderColor: color("card"), textBorderWidth: 3 };
        return {
          tooltip: { ...base().tooltip, trigger: "item", formatter: (p) => tip(pareto[p.data.id] ? "On the Pareto front" : "Design", lines(p.data.id)) },
          legend: { ...base().legend, show: false },
          parallel: { left: 60, right: 90, top: 76, bottom: 24, parallelAxisDefault: { realtime: false,
            nameGap: 14, nameTextStyle: { color: color("text"), fontSize: 12, lineHeight: 15 },
            axisLine: { lineStyle: { color: color("muted") } }, axisTick: { lineStyle: { color: color("muted") } },
            axisLabel: label,
            areaSelectStyle: { width: 18, borderColor: color("accent"), borderWidth: 1, color: "rgba(80,130,220,0.3)", opacity: 1 } } },
          parallelAxis: dims.map((d, k) => ({ dim: k, id: "dim" + k, name: d.unit ? `${d.name}\n${d.unit}` : d.name, inverse: d.inverse, nameLocation: d.inverse ? "start" : "end",
            ...(d.words ? { type: "category", data: d.words } : { type: d.log ? "log" : "value", scale: true, axisLabel: { ...label, formatter: tick } }) })),
          series: [
            ...(isSelected ? [line("not selected", shown(done.filter((i) => !isSelected.has(i))), color("other"), 0.06)] : []),
            ...groups().map((g) => line(g.name, shown(selected).filter(g.of), g.color, opacity))],
        };
      },
    });
    self.chart.on("axisareaselected", (event) => {
      const k = Number(String(event.parallelAxisId).slice(3));
      if (event.intervals && event.intervals.length) intervals.set(k, event.intervals);
      else intervals.delete(k);
      select("parallel", intervals.size === 0 ? null : (i) => [...intervals].every(([d, list]) =>
        list.some(([low, high]) => dims[d].of(i) >= Math.min(low, high) - (dims[d].words ? 0.5 : 0) && dims[d].of(i) <= Math.max(low, high) + (dims[d].words ? 0.5 : 0))));
    });
    clears.push(() => {
      for (const k of intervals.keys()) self.chart.dispatchAction({ type: "axisAreaSelect", parallelAxisId: "dim" + k, intervals: [] });
      intervals.clear();
    });
    views.push(() => self.draw());
  }

  function addBars() {
    const section = addSection("energy", "Energy and cycles", "");
    const note = el("p", { class: "note" });
    section.append(note);
    const controls = el("div", { class: "controls" });
    section.append(controls);
    const prefixes = [...new Set(metrics.filter((m) => m.name.endsWith("energy_j")).map((m) => m.name.slice(0, -"energy_j".length)))];
    const order = { by: quantities[0], share: false, prefix: "" };
    if (prefixes.length > 1) addSelect(controls, "Phase", prefixes.map((p) => [p, p ? p.slice(0, -1) : "all together"]), "", (p) => { order.prefix = p; redraw(); });
    addSelect(controls, "Order by", quantities.map((q) => [q.id, withUnit(q.name, q.unit)]), order.by.id, (id) => { order.by = quantity(id); redraw(); });
    addCheck(controls, "as shares", false, (on) => { order.share = on; redraw(); });
    const parts = (kind) => metrics.filter((m) => m.name.startsWith(order.prefix + kind + "_"));
    const chosen = () => {
      const best = selected.filter((i) => pareto[i]);
      const list = best.length ? best : selected;
      const sign = (objectives.find((o) => o.metric === order.by.id) || {}).maximize ? -1 : 1;
      return list.slice().sort((a, b) => sign * (order.by.of(a) - order.by.of(b)) || a - b).slice(0, kBarsShown);
    };
    const bars = (kind, colors, unit, text) => () => {
      const columns = parts(kind);
      const names = columns.map((m) => m.name.slice((order.prefix + kind).length + 1));
      return { parts: names, colors: names.map((n) => colors[n] || "other"), unit, text, share: order.share,
        bars: chosen().map((i) => ({ label: title(i), values: columns.map((m) => m.value[i]) })) };
    };
    const energy = addStackedBars(section, "Energy", bars("energy_j", kEnergyColors, "J", (v) => si(v, "J")));
    const cycles = addStackedBars(section, "Cycles by cause", bars("cycles", kCauseColors, "cycles", plain));
    function redraw() {
      const best = selected.filter((i) => pareto[i]).length;
      note.textContent = `Of the ${best ? best + " selected designs on the Pareto front" : selected.length + " selected designs"} the first ${Math.min(kBarsShown, best || selected.length)} by ${order.by.name}: ` +
        `a row is a design (${telling.map((a) => a.name).join(" · ")}).`;
      energy.draw();
      cycles.draw();
    }
    views.push(redraw);
  }

  function addSensitivity() {
    const section = addSection("sensitivity", "What matters",
      "How much of an objective's variance the means per value of an axis explain, and the largest of these means over the smallest.");
    const cell = (share, factor, k) => {
      const bar = el("span", { class: "bar", style: `width:${Math.max(0.5, 100 * share)}%;background:var(--c${k})` });
      return el("td", { style: "min-width:150px" }, `${percent(share)}${factor === null ? "" : `, ×${factor.toFixed(2)}`}`, bar);
    };
    section.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Sensitivity of objectives to axes" }, el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "axis"), objectives.map((o) => el("th", { scope: "col" }, metricName(o.metric))))),
      el("tbody", {}, data.sensitivity.map((s) => el("tr", {}, el("th", { scope: "row" }, s.axis), s.share.map((v, k) => cell(v, s.factor[k], k))))))));
  }

  function addPoints() {
    const section = addSection("designs", "Designs", "Filters select in all charts. Numbers: <10, >=2.5, 2..8; words: any part.");
    const shownMetrics = [...new Map([...objectives.map((o) => metric.get(o.metric)), ...["area_mm2", "cycles", "energy_j", "utilization", "dram_bytes"].map((n) => metric.get(n))]
      .filter((m) => m).map((m) => [m.name, m])).values()];
    const table = makeTable({
      caption: "Designs", count,
      columns: [
        { name: "design", number: true, value: (i) => i + 1 },
        { name: "front", value: (i) => (pareto[i] ? "front" : "") },
        ...varying.map((a) => ({ name: a.name, number: Boolean(a.numbers), value: (i) => (a.numbers ? a.numbers[a.at[i]] : a.values[a.at[i]]), text: (i) => a.values[a.at[i]] })),
        ...shownMetrics.map((m) => ({ name: withUnit(metricName(m.name), m.unit), number: true, value: (i) => m.value[i] }))],
      onFilter: (test) => select("table", test),
      onPick: (i) => { select("picked", (j) => j === i); location.hash = "#tradeoffs"; },
    });
    section.append(table.element, el("p", { class: "note" }, "A design's number is its row in what sweep show --csv writes."));
    clears.push(() => section.querySelectorAll("input").forEach((input) => { input.value = ""; input.dispatchEvent(new Event("input")); }));
    views.push(() => table.show(selected));
  }

  /** Designs that were run once more for the page, layer by layer. */
  function addLayers() {
    const { designs, without } = data.layers;
    if (!designs.length) return void addSection("layers", "Layers of a design", without);
    let shown = designs[0], phase = "0";
    const note = el("span", { class: "note", "aria-live": "polite" });
    let pick = null;
    const show = (design) => { shown = design; pick.value = String(designs.indexOf(design)); draw(); };
    const draw = addDesignViews(() => shown.runs[Number(phase)].result, {
      title: "Layers of a design",
      controls: (controls) => {
        pick = addSelect(controls, "Design", designs.map((d, k) => [String(k), `${d.design + 1}: ${title(d.design)}`]), "0", (k) => show(designs[Number(k)]));
        if (shown.runs.length > 1) addSelect(controls, "Phase", shown.runs.map((r, k) => [String(k), r.phase]), phase, (k) => { phase = k; draw(); });
        controls.append(note);
      },
      about: addSection.bind(null, "machine", "Configuration of the design", ""),
      notes: true,
    });
    draw();
    views.push(() => {
      const among = designs.find((d) => !isSelected || isSelected.has(d.design));
      note.textContent = among ? without : "The selected designs are not among those with layers; mixpe report --design adds them.";
      if (isSelected && among && !isSelected.has(shown.design)) show(among);
    });
  }

  function addReasons() {
    const section = addSection("reasons", "Designs without an answer", "");
    const kinds = new Map();
    for (const i of ids) {
      if (status[i] === 0) continue;
      const kind = data.statuses[status[i]] + "\n" + data.reasons[reason[i]];
      kinds.set(kind, (kinds.get(kind) || 0) + 1);
    }
    section.append(smallTable("Designs without an answer", ["designs", "status", "why"],
      [...kinds].sort((a, b) => b[1] - a[1]).slice(0, 50).map(([kind, n]) => [String(n), ...kind.split("\n")])));
  }
}
