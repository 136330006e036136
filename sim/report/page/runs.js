// One run, or the runs of a comparison: bills, causes, roofline, layers, and a timeline if there is one.

const kPerJoule = 1e-12;  // of a picojoule
const clockOf = (r) => r.totals.cycles / r.totals.time_s;
const dramBytes = (l) => l.dram_read_bytes + l.dram_write_bytes;
const layerName = (l) => (l.phase ? l.phase + " " : "") + l.op;

function showRuns(data) {
  const runs = data.runs, several = runs.length > 1;
  const unique = (key) => [...new Set(runs.map((r) => r[key]))];
  const state = { view: runs[0].view, phase: runs[0].phase, design: runs[0].design };
  const inView = () => runs.filter((r) => r.view === state.view && r.phase === state.phase);
  const run = () => inView().find((r) => r.design === state.design) || inView()[0];
  const result = () => run().result;
  const views = [];
  const redraw = () => views.forEach((v) => v());

  const first = runs[0].result;
  addHeader(data.title, data.description || first.config.description || "", several ? [
    ["designs", String(unique("design").length)], ["phases", unique("phase").join(", ")], ["views", unique("view").join(", ")],
    ["LLM", first.workload.llm || first.workload.name]] : totals(first));
  if (several) addDesigns();
  if (!several) addNotes(document.getElementById("top"), () => first.notes);

  views.push(addDesignViews(result, {
    title: several ? "Layers of a design" : "Layers",
    controls: (controls) => {
      if (!several) return;
      addSelect(controls, "Design", unique("design"), state.design, (d) => { state.design = d; redraw(); });
      const where = el("span", { class: "note" });
      controls.append(where);
      views.push(() => { where.textContent = `${state.phase}, ${state.view}`; });
    },
    beforeBills: () => {
      if (data.timelines.length) addTimeline(data.timelines, clockOf(first));
      else if (!several) addSection("timeline", "Timeline", "What each unit did with each tile is in pages of mixpe run --report, " +
        "and of results that were written by mixpe run --json together with --timeline. This result was not.");
    },
    about: addSection.bind(null, "about", "Where this comes from", `Program ${first.version} (${first.git_revision}).`),
    notes: several,
  }));
  redraw();

  function totals(r) {
    const t = r.totals;
    return [["cycles", plain(t.cycles)], ["time", si(t.time_s, "s")], ["energy", si(t.energy_pj * kPerJoule, "J")],
      ["area", plain(t.area_um2 * 1e-6) + " mm²"], ["of the array's peak", percent(t.utilization)], ["of DRAM bandwidth", percent(t.dram_utilization)],
      ["throughput", plain(t.tops) + " TOPS"], ["efficiency", plain(t.tops_per_watt) + " TOPS/W"],
      ...(t.tokens_per_s > 0 ? [["tokens/s, GEMMs alone", plain(t.tokens_per_s)]] : [])];
  }

  function addDesigns() {
    const own = addSection("comparison", "Designs", `Speed-up and energy ratio are over ${data.baseline || "the baseline"}.`);
    const pick = el("div", { class: "controls" });
    own.append(pick);
    if (unique("view").length > 1) addSelect(pick, "View", unique("view"), state.view, (v) => { state.view = v; redraw(); });
    if (unique("phase").length > 1) addSelect(pick, "Phase", unique("phase"), state.phase, (p) => { state.phase = p; redraw(); });
    addCheck(pick, "as shares", false, (on) => { shares.on = on; redraw(); });
    const shares = { on: false };
    const place = el("div");
    own.append(place);
    views.push(() => place.replaceChildren(smallTable("Designs",
      ["design", "array", "cycles", "time", "speed-up", "energy", "energy ratio", "area, mm²", "utilisation", "TOPS/W", "tokens/s"],
      inView().map((r) => { const t = r.result.totals; return [r.design, `${r.result.config.array.rows} x ${r.result.config.array.cols}`, plain(t.cycles), si(t.time_s, "s"), r.speed_up.toFixed(2),
        si(t.energy_pj * kPerJoule, "J"), r.energy_ratio.toFixed(2), plain(t.area_um2 * 1e-6), percent(t.utilization), plain(t.tops_per_watt), plain(t.tokens_per_s)]; }))));
    const sum = (r, key) => r.result.layers.reduce((all, l) => { for (const [p, v] of Object.entries(l[key])) all[p] = (all[p] || 0) + v; return all; }, {});
    const designBars = (key, colors, unit, text, scale) => () => {
      const parts = Object.keys(first.layers[0][key]);
      return { parts, colors: parts.map((p) => colors[p] || "other"), unit, text, share: shares.on,
        bars: inView().map((r) => { const s = sum(r, key); return { label: r.design, values: parts.map((p) => scale * s[p]) }; }) };
    };
    const two = el("div", { class: "grid2" }), a = el("div"), b = el("div");
    two.append(a, b);
    own.append(two);
    const e = addStackedBars(a, "Energy", designBars("energy", kEnergyColors, "J", (v) => si(v, "J"), kPerJoule));
    const c = addStackedBars(b, "Cycles by cause", designBars("stalls", kCauseColors, "cycles", plain, 1));
    views.push(() => { e.draw(); c.draw(); });
  }
}

/** Returns what fills them anew. */
function addNotes(parent, notes) {
  const list = el("ul", { class: "notes" });
  parent.append(el("details", {}, el("summary", {}, "What to know of these numbers"), list));
  const fill = () => list.replaceChildren(...notes().map((n) => el("li", { class: n.startsWith("Clock not met") ? "alarm" : undefined }, n)));
  fill();
  return fill;
}

/**
 * One design, GEMM by GEMM: bars, roofline, table, bills, configuration. result(): what to show, which may change; the
 * function that is returned then draws it. controls(parent): adds what changes it. beforeBills(): adds sections in
 * between. about(): adds the section of the configuration; with `notes` it has the result's.
 */
function addDesignViews(result, { title, controls: addControls, beforeBills = () => {}, about, notes }) {
  const views = [];
  let share = false;
  const redraw = () => views.forEach((v) => v());
  const section = addSection("layers", title, "Energy and cycles of each GEMM, all of its repetitions together.");
  const controls = el("div", { class: "controls" });
  section.append(controls);
  addControls(controls);
  addCheck(controls, "as shares", false, (on) => { share = on; redraw(); });
  const bars = (key, colors, unit, text, scale) => () => {
    const parts = Object.keys(result().layers[0][key]);
    return { parts, colors: parts.map((p) => colors[p] || "other"), unit, text, share,
      bars: result().layers.map((l) => ({ label: layerName(l), values: parts.map((p) => scale * l[key][p]) })) };
  };
  const pair = el("div", { class: "grid2" });
  section.append(pair);
  const left = el("div"), right = el("div");
  pair.append(left, right);
  const energy = addStackedBars(left, "Energy", bars("energy", kEnergyColors, "J", (v) => si(v, "J"), kPerJoule));
  const cycles = addStackedBars(right, "Cycles by cause", bars("stalls", kCauseColors, "cycles", plain, 1));
  views.push(() => { energy.draw(); cycles.draw(); });

  addRoofline();
  addLayerTable();
  beforeBills();
  addBills();
  addAbout();
  return redraw;

  function addRoofline() {
    const own = addSection("roofline", "Roofline", "A dot is a GEMM, its area the share of all cycles. The lines are what array and memory allow; operations are useful ones, two for a MAC.");
    const points = () => result().layers.filter((l) => l.useful_macs > 0).map((l) => ({ l, name: layerName(l),
      x: dramBytes(l) > 0 ? (2 * l.useful_macs) / dramBytes(l) : NaN, y: (2e-12 * l.useful_macs * clockOf(result())) / l.cycles })).filter((p) => p.x > 0);
    const lines = (p) => [["operations per DRAM byte", plain(p.x)], ["reached", plain(p.y) + " TOPS"], ["bound", p.l.bound],
      ["cycles", `${plain(p.l.cycles)} (${percent(p.l.cycles / result().totals.cycles)})`], ["m × n × k", `${p.l.m} × ${p.l.n} × ${p.l.k}`]];
    const bounds = () => [...new Set(points().map((p) => p.l.bound))];
    const self = addChart(own, {
      height: 440,
      label: () => `Roofline with ${points().length} GEMMs: TOPS over operations per DRAM byte. Arrow keys step through them.`,
      option: () => {
        const all = points(), tops = Object.entries(result().ceilings.tops), bandwidth = result().ceilings.dram_bytes_per_s;
        const peak = Math.max(...tops.map(([, t]) => t));
        const ridge = bandwidth ? (peak * 1e12) / bandwidth : 1;
        const low = 10 ** Math.floor(Math.log10(0.6 * Math.min(ridge, ...all.map((p) => p.x))));
        const high = 10 ** Math.ceil(Math.log10(1.5 * Math.max(ridge, ...all.map((p) => p.x))));
        const floor = 10 ** Math.floor(Math.log10(0.8 * Math.min(peak, ...all.map((p) => p.y))));
        const ceiling = (name, data, position) => ({ type: "line", name, data, symbol: "none", silent: true, z: 1, clip: true,
          lineStyle: { color: color("text"), width: 1.5, type: position === "memory" ? "solid" : "dashed" }, itemStyle: { color: color("text") },
          endLabel: { show: position !== "memory", formatter: name, color: color("text"), align: "right", offset: [-4, -10] },
        });
        return {
          tooltip: { ...base().tooltip, trigger: "item", formatter: (p) => tip(p.data.point.name, lines(p.data.point)) },
          grid: { left: 76, right: 28, top: 40, bottom: 56 },
          xAxis: axis("useful operations per DRAM byte", { type: "log", min: low, max: high, axisLabel: { ...axis("").axisLabel, formatter: tick } }),
          yAxis: axis("throughput, TOPS", { type: "log", min: floor, max: 10 ** Math.ceil(Math.log10(1.3 * peak)), nameGap: 54, axisLabel: { ...axis("").axisLabel, formatter: tick } }),
          series: [
            ...(bandwidth ? [ceiling(`memory ${si(bandwidth, "B/s")}`, [[low, (low * bandwidth) / 1e12], [ridge, peak]], "memory")] : []),
            ...tops.map(([mode, t]) => ceiling(`array, ${mode}: ${plain(t)} TOPS`, [[bandwidth ? (t * 1e12) / bandwidth : low, t], [high, t]], "compute")),
            ...bounds().map((b, k) => ({ type: "scatter", name: b, z: 3, itemStyle: { color: categoryColor(k), opacity: 0.8, borderColor: color("card"), borderWidth: 1 },
              data: all.filter((p) => p.l.bound === b).map((p) => ({ value: [p.x, p.y], point: p, symbolSize: Math.max(9, 64 * Math.sqrt(p.l.cycles / result().totals.cycles)) })) })),
          ],
        };
      },
      steps: () => {
        const before = Object.keys(result().ceilings.tops).length + (result().ceilings.dram_bytes_per_s ? 1 : 0);
        return bounds().flatMap((b, k) => points().filter((p) => p.l.bound === b).map((p, i) => ({ show: { seriesIndex: before + k, dataIndex: i },
          text: p.name + ": " + lines(p).map(([n, v]) => n + " " + v).join(", ") })));
      },
      table: () => smallTable("Roofline", ["GEMM", "operations per DRAM byte", "TOPS", "bound"], points().map((p) => [p.name, plain(p.x), plain(p.y), p.l.bound])),
    });
    views.push(() => self.draw());
  }

  function addLayerTable() {
    const own = addSection("table", "Every GEMM", "Click a name to sort. Filters: <10, >=2.5, 2..8; words: any part.");
    const place = el("div");
    own.append(place);
    views.push(() => {
      const layers = result().layers, all = result().totals.cycles;
      const column = (name, value, text) => ({ name, number: true, value: (i) => value(layers[i]), text: text && ((i) => text(value(layers[i]))) });
      const word = (name, value) => ({ name, value: (i) => value(layers[i]) });
      const causes = Object.keys(layers[0].stalls).filter((c) => layers.some((l) => l.stalls[c] > 0));
      place.replaceChildren(makeTable({ caption: "GEMMs", count: layers.length, columns: [
        word("layer", (l) => l.layer), word("GEMM", layerName), column("m", (l) => l.m), column("n", (l) => l.n), column("k", (l) => l.k), column("batch", (l) => l.batch), column("count", (l) => l.count),
        word("mode", (l) => l.mode), word("tile", (l) => `${l.tile.m} x ${l.tile.n} x ${l.tile.k}`), column("cycles", (l) => l.cycles), column("of all", (l) => l.cycles / all, percent),
        word("bound", (l) => l.bound), column("energy, J", (l) => l.energy_pj * kPerJoule, (v) => si(v, "J")), column("DRAM, B", dramBytes, (v) => si(v, "B")),
        column("TOPS", (l) => (2e-12 * l.useful_macs * clockOf(result())) / l.cycles), ...causes.map((c) => column(c, (l) => l.stalls[c]))] }).element);
    });
  }

  function addBills() {
    const own = addSection("bills", "Bills", "What the energy and the area went to, line by line.");
    const two = el("div", { class: "grid2" });
    own.append(two);
    views.push(() => two.replaceChildren(
      el("div", {}, el("h3", {}, "Energy"), billTable("Energy bill", Object.entries(result().energy).map(([n, v]) => [n, v * kPerJoule]), (v) => si(v, "J"))),
      el("div", {}, el("h3", {}, "Area"), billTable("Area bill", Object.entries(result().area).map(([n, v]) => [n, v * 1e-6]), (v) => plain(v) + " mm²"))));
  }

  function addAbout() {
    const own = about();
    const place = el("div");
    own.append(place);
    views.push(() => {
      const r = result();
      place.replaceChildren(el("p", {}, [r.config.name, r.workload.name, r.workload.scheme && "scheme " + r.workload.scheme,
        r.values && `${r.values.distribution} operands of seed ${r.values.seed}`,
        r.values?.pe_energy && "PE energy follows them"].filter(Boolean).join(", ")),
      el("details", { open: "" }, el("summary", {}, "The machine, every key"), keyTable("Configuration", r.config)));
    });
    if (notes) views.push(addNotes(own, () => result().notes));
  }
}

const kTrackColors = { "load activations": "c0", "load weights": "c7", "load partial sums": "c3", array: "c2", "dequant lanes": "c1", "store outputs": "c11" };

/** What each unit did with each tile of a GEMM. */
function addTimeline(timelines, clock) {
  const section = addSection("timeline", "Timeline",
    "What each unit did with each tile. Stalls inside a tile are known by their sums and drawn in one piece. Drag the slider or use +, − and the arrow keys to move.");
  const controls = el("div", { class: "controls" });
  section.append(controls);
  const note = el("span", { class: "note" });
  const causes = Object.keys(kCauseColors);
  let task = timelines[0], view = [0, 1];
  const tracks = () => task.tracks.filter((t) => t.slices.length > 0);
  const last = () => Math.max(1, ...tracks().map((t) => { const s = t.slices[t.slices.length - 1]; return s[0] + s[1]; }));
  function start() {
    const array = task.tracks.find((t) => t.name === "array").slices;
    const tile = array[11];
    view = [0, array.length > 12 ? Math.min(last(), 1.02 * (tile[0] + tile[1])) : last()];
    note.textContent = `${task.size.join(" × ")}, batch ${task.batch}, ${plain(task.cycles)} cycles` + (task.count > 1 ? `, ${task.count} times` : "") +
      `; ${task.shown < task.tiles ? `the first ${plain(task.shown)} of ${plain(task.tiles)} tiles` : `all of its tiles, ${plain(task.tiles)}`}`;
  }
  addSelect(controls, "GEMM", timelines.map((t, i) => [String(i), t.name]), "0", (i) => { task = timelines[Number(i)]; start(); self.draw(); });
  controls.append(note);
  const name = (track, s) => (track.name === "stalls" ? causes[s[3]] : track.name);
  const lines = (s) => [["tile", String(s[2])], ["from cycle", plain(s[0])], ["cycles", plain(s[1])], ["time", si(s[1] / clock, "s")]];
  const self = addChart(section, {
    height: 340,
    label: () => `Timeline of ${task.name}: ${tracks().map((t) => `${t.name} ${t.slices.length} slices`).join(", ")}. Plus and minus zoom, arrow keys move.`,
    option: () => {
      const rows = tracks();
      return {
        legend: { show: false },
        tooltip: { ...base().tooltip, trigger: "item", formatter: (p) => tip(name(rows[p.value[0]], p.value.slice(1)), lines(p.value.slice(1))) },
        grid: { left: 130, right: 24, top: 10, bottom: 84 },
        dataZoom: [{ type: "slider", xAxisIndex: 0, filterMode: "weakFilter", startValue: view[0], endValue: view[1], bottom: 8, height: 22, showDataShadow: false,
          borderColor: color("line"), textStyle: { color: color("muted") }, fillerColor: "rgba(80,130,220,0.15)", labelFormatter: (v) => plain(Math.round(v)) },
        { type: "inside", xAxisIndex: 0, filterMode: "weakFilter", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, moveOnMouseMove: true }],
        xAxis: axis("cycles since the GEMM's start", { type: "value", min: 0, max: last(), nameGap: 24, axisLabel: { ...axis("").axisLabel, showMaxLabel: false, formatter: (v) => plain(v) } }),
        yAxis: axis("", { type: "category", inverse: true, data: rows.map((t) => t.name), axisLabel: { color: color("text"), interval: 0 }, axisTick: { show: false }, splitLine: { show: true, lineStyle: { color: color("faint") } } }),
        series: [{ type: "custom", encode: { x: [1, 4], y: 0 }, clip: true, progressive: 0,
          // value: track, begin, length, tile, end, cause
          data: rows.flatMap((t, row) => t.slices.map((s) => ({ value: [row, s[0], s[1], s[2], s[0] + s[1], s[3]] }))),
          renderItem: (params, api) => {
            const row = api.value(0), [x0, y] = api.coord([api.value(1), row]), [x1] = api.coord([api.value(4), row]);
            const height = 0.66 * api.size([0, 1])[1];
            const shade = rows[row].name === "stalls" ? kCauseColors[causes[api.value(5)]] : kTrackColors[rows[row].name];
            const area = params.coordSys, from = Math.max(x0, area.x), to = Math.min(x1, area.x + area.width);
            if (to <= from && x1 !== x0) return null;
            const width = Math.max(1, to - from - (to - from > 4 ? 1 : 0));
            return { type: "rect", shape: { x: from, y: y - height / 2, width, height },
              style: { fill: color(shade), opacity: api.value(3) % 2 ? 0.75 : 1 },
              textContent: width > 34 ? { style: { text: rows[row].name === "stalls" ? causes[api.value(5)] : "tile " + api.value(3), fill: color("card"), fontSize: 11, width: width - 6, overflow: "truncate" } } : undefined,
              textConfig: { position: "inside" } };
          } }],
      };
    },
    keys: (event) => {
      const zoom = self.chart.getOption().dataZoom[0], middle = (zoom.startValue + zoom.endValue) / 2, half = (zoom.endValue - zoom.startValue) / 2;
      const change = { "+": [0, 0.5], "=": [0, 0.5], "-": [0, 2], ArrowLeft: [-0.5, 1], ArrowRight: [0.5, 1] }[event.key];
      if (!change) return false;
      const [move, scale] = change, at = middle + move * half, size = Math.min(last(), 2 * half * scale);
      const begin = Math.min(Math.max(0, at - size / 2), last() - size);
      self.chart.dispatchAction({ type: "dataZoom", startValue: begin, endValue: begin + size });
      say(`cycles ${plain(Math.round(begin))} to ${plain(Math.round(begin + size))}`);
      return true;
    },
    table: () => smallTable("Timeline", ["unit", "tile", "begin, cycle", "cycles"],
      tracks().flatMap((t) => t.slices.filter((s) => s[2] < 20).map((s) => [name(t, s), String(s[2]), plain(s[0]), plain(s[1])]))),
  });
  start();
  self.draw();
}
