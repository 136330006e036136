// Elements of the page: sections, controls, tables that sort and filter.

/** el("p", {class: "note", onclick: f}, "text", child). Text is text: nothing is parsed as HTML. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((c) => c !== null && c !== undefined));
  return element;
}

/** For screen readers: what the keyboard just moved to. */
const say = (text) => { document.getElementById("spoken").textContent = text; };

function addSection(id, title, note) {
  const section = el("section", { id, "aria-labelledby": id + "-title" },
    el("h2", { id: id + "-title" }, title), note ? el("p", { class: "note" }, note) : null);
  document.getElementById("page").append(section);
  return section;
}

function addHeader(title, lead, cards) {
  document.getElementById("top").append(
    el("h1", {}, title), lead ? el("p", { class: "lead" }, lead) : "",
    el("ul", { class: "cards" }, cards.map(([name, value]) => el("li", {}, el("b", {}, value), el("span", {}, name)))));
}

/** Links to all sections, once they are there. */
function addNavigation() {
  document.getElementById("top").append(el("nav", { "aria-label": "Sections" },
    [...document.querySelectorAll("section")].map((s) => el("a", { href: "#" + s.id }, s.querySelector("h2").textContent))));
}

/** `options`: texts, or [value, text]. */
function addSelect(parent, label, options, value, onchange) {
  const select = el("select", { onchange: () => onchange(select.value) }, options.map((o) => {
    const [v, text] = Array.isArray(o) ? o : [o, o];
    return el("option", { value: v, selected: v === value ? "" : undefined }, text);
  }));
  parent.append(el("label", {}, label, select));
  return select;
}

function addCheck(parent, label, checked, onchange) {
  const box = el("input", { type: "checkbox", onchange: () => onchange(box.checked) });
  box.checked = checked;
  parent.append(el("label", {}, box, label));
}

/** What a filter's text asks of a cell; null: nothing. "<5", ">=1e3", "=2", "2..8", or a part of the text. */
function cellTest(text, isNumber) {
  const wanted = text.trim();
  if (!wanted) return null;
  if (isNumber) {
    const range = wanted.match(/^(\S+?)\.\.(\S+)$/);
    if (range) {
      const [low, high] = [Number(range[1]), Number(range[2])];
      return (v) => v >= low && v <= high;
    }
    const compare = wanted.match(/^(<=|>=|<|>|=)\s*(\S+)$/);
    if (compare) {
      const limit = Number(compare[2]);
      const tests = { "<": (v) => v < limit, ">": (v) => v > limit, "<=": (v) => v <= limit,
        ">=": (v) => v >= limit, "=": (v) => v === limit };
      return tests[compare[1]];
    }
  }
  const part = wanted.toLowerCase();
  return (v, shown) => shown.toLowerCase().includes(part);
}

/**
 * A table over rows 0 … count-1 that sorts and filters.
 * columns: {name, number, value(row), text(row)?}. onFilter(test or null) is called when a filter changes; the owner
 * then calls show(rows). Without it the table filters by itself.
 */
function makeTable({ caption, columns, count, onFilter, onPick, perPage = 25 }) {
  const text = (c, row) => (c.text ? c.text(row) : c.number ? plain(c.value(row)) : String(c.value(row)));
  let rows = Array.from({ length: count }, (_, i) => i);
  let sorted = { column: -1, down: false }, page = 0;
  const tests = columns.map(() => null);
  const passes = (row) => columns.every((c, i) => !tests[i] || tests[i](c.value(row), text(c, row)));

  const body = el("tbody"), place = el("span", { "aria-live": "polite" });
  const heads = columns.map((c, i) => el("th", { scope: "col", class: c.number ? "number" : undefined },
    el("button", { type: "button", onclick: () => sortBy(i), title: "Sort by " + c.name }, c.name)));
  const filters = columns.map((c, i) => el("th", {}, el("input", {
    type: "search", "aria-label": "Filter " + c.name, placeholder: c.number ? "e.g. <10, 2..8" : "contains",
    oninput: (e) => { tests[i] = cellTest(e.target.value, c.number); changed(); } })));
  const previous = el("button", { type: "button", onclick: () => turn(-1) }, "‹ Previous");
  const next = el("button", { type: "button", onclick: () => turn(1) }, "Next ›");

  function changed() {
    if (onFilter) onFilter(tests.some((t) => t) ? passes : null);
    else show(Array.from({ length: count }, (_, i) => i).filter(passes));
  }
  function sortBy(i) {
    sorted = { column: i, down: sorted.column === i ? !sorted.down : false };
    heads.forEach((h, j) => h.setAttribute("aria-sort", j !== i ? "none" : sorted.down ? "descending" : "ascending"));
    show(rows);
  }
  function turn(by) { page += by; draw(); }
  function show(list) {
    rows = list.slice();
    const column = columns[sorted.column];
    if (column) {
      const sign = sorted.down ? -1 : 1;
      const keys = new Map(rows.map((r) => [r, column.value(r)]));
      const missing = (v) => v === null || Number.isNaN(v);
      rows.sort((a, b) => {
        const [x, y] = [keys.get(a), keys.get(b)];
        if (missing(x) || missing(y)) return missing(x) - missing(y);
        return sign * (column.number ? x - y : String(x).localeCompare(String(y), "en", { numeric: true })) || a - b;
      });
    }
    page = 0;
    draw();
  }
  function draw() {
    const pages = Math.max(1, Math.ceil(rows.length / perPage));
    page = Math.min(Math.max(page, 0), pages - 1);
    body.replaceChildren(...rows.slice(page * perPage, (page + 1) * perPage).map((row) => el("tr", {},
      columns.map((c) => el("td", { class: c.number ? "number" : undefined },
        onPick && c === columns[0] ? el("button", { type: "button", onclick: () => onPick(row) }, text(c, row)) : text(c, row))))));
    place.textContent = `${rows.length.toLocaleString("en-US")} rows, page ${page + 1} of ${pages}`;
    previous.disabled = page === 0;
    next.disabled = page === pages - 1;
  }
  const element = el("div", {},
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      el("table", {}, el("caption", { class: "hidden" }, caption),
        el("thead", {}, el("tr", {}, heads), el("tr", {}, filters)), body)),
    el("div", { class: "controls" }, place, previous, next));
  draw();
  return { element, show };
}

/** A table of few rows, all shown: header and cells are texts; numbers are texts too, aligned right. */
function smallTable(caption, header, rows) {
  const isNumber = header.map((_, i) => rows.length > 0 && rows.every((r) => /^[-–\d]/.test(String(r[i]))));
  const cell = (tag, i, content) => el(tag, { class: isNumber[i] ? "number" : undefined, scope: tag === "th" ? "col" : undefined }, content);
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {}, el("caption", { class: "hidden" }, caption),
      el("thead", {}, el("tr", {}, header.map((h, i) => cell("th", i, h)))),
      el("tbody", {}, rows.map((r) => el("tr", {}, r.map((c, i) => cell("td", i, c)))))));
}

/** Amounts as a table with bars, largest first. lines: [[name, value]]. */
function billTable(caption, lines, text) {
  const total = lines.reduce((sum, [, v]) => sum + v, 0);
  const shown = lines.filter(([, v]) => v > 0).sort((a, b) => b[1] - a[1]);
  const most = shown.length ? shown[0][1] : 1;
  return smallTable(caption, ["part", "amount", "share", ""], [...shown, ["total", total]].map(([name, v]) => {
    const bar = el("span", { class: "bar", style: `width:${name === "total" ? 0 : (100 * v) / most}%` });
    return [name, text(v), percent(v / total), bar];
  }));
}

/** A configuration's keys, nested ones with dots. */
function keyTable(caption, object) {
  const rows = [];
  const walk = (value, path) => {
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      for (const [k, v] of Object.entries(value)) walk(v, path ? path + "." + k : k);
    } else {
      rows.push([path, typeof value === "string" ? value : JSON.stringify(value)]);
    }
  };
  walk(object, "");
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {}, el("caption", { class: "hidden" }, caption),
      el("tbody", {}, rows.map(([k, v]) => el("tr", {}, el("th", { scope: "row" }, k), el("td", {}, v))))));
}
