// Numbers and names as people read them.

const kPrefixes = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P"];

/** Four significant digits, digits of large whole numbers grouped: 1,234,567; 0.001234; 1.235e-7. */
function plain(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return value.toExponential(3);
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  if (size >= 10000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(4)));
}

/** 1.235 MJ. */
function si(value, unit) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value === 0) return "0 " + unit;
  const step = Math.floor(Math.log10(Math.abs(value) * 1.00005) / 3);
  const index = Math.min(kPrefixes.length - 1, Math.max(0, step + 5));
  const scaled = value / 10 ** (3 * (index - 5));
  return Number(scaled.toPrecision(4)) + " " + kPrefixes[index] + unit;
}

const percent = (part) => (Number.isFinite(part) ? (100 * part).toFixed(part < 0.0995 ? 1 : 0) + " %" : "–");

/** Units by how a metric's name ends; the first that fits. */
const kUnits = [
  ["tokens_per_s_per_w", "tokens/J", plain], ["tokens_per_s", "tokens/s", plain],
  ["tops_per_watt", "TOPS/W", plain], ["tops", "TOPS", plain], ["edp_js", "J·s", plain],
  ["utilization", "of peak", percent], ["snr_db", "dB", plain], ["bytes", "B", (v) => si(v, "B")],
  ["time_s", "s", (v) => si(v, "s")], ["power_w", "W", (v) => si(v, "W")],
];

function unitOf(metric) {
  const last = metric.split(".").pop();
  const known = kUnits.find(([end]) => last.endsWith(end));
  if (known) return { unit: known[1], text: known[2] };
  if (last.startsWith("area_mm2")) return { unit: "mm²", text: plain };
  if (last.startsWith("energy_j")) return { unit: "J", text: (v) => si(v, "J") };
  if (last.startsWith("cycles")) return { unit: "cycles", text: plain };
  return { unit: "", text: plain };
}

const kMetricNames = { time_s: "time", energy_j: "energy", edp_js: "energy × time", power_w: "power", tokens_per_s: "tokens per second",
  tokens_per_s_per_w: "tokens per joule", tops: "throughput", tops_per_watt: "efficiency", utilization: "utilisation", dram_bytes: "DRAM traffic",
  sram_bytes: "SRAM", area_mm2: "area", snr_db: "SNR", model_snr_db: "model SNR" };

/** prefill.energy_j_dram -> prefill energy: dram. */
function metricName(metric) {
  const dot = metric.lastIndexOf(".");
  const phase = dot < 0 ? "" : metric.slice(0, dot) + " ", name = metric.slice(dot + 1);
  if (kMetricNames[name]) return phase + kMetricNames[name];
  return phase + name.replace(/^energy_j_/, "energy: ").replace(/^cycles_/, "cycles: ").replace(/^area_mm2_/, "area: ").replaceAll("_", " ");
}

const withUnit = (name, unit) => (unit ? `${name}, ${unit}` : name);
