// Line charts that change while one looks. Only data and ranges move; a chart is built anew when its series or colours change.
// The drawing is uPlot's, which another component has put into the page (plots/__init__.py).

const known = new WeakMap(); // the grid of a component → its charts by their keys
const GAP = 14; // pixels between columns, as in the style

function formatter(kind, locale) {
  const number = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const power = (value) => value.toExponential(1).replace(".0", "");
  return (value) => {
    if (value == null || Number.isNaN(value)) return "";
    return kind === "percent" ? percent.format(value) : kind === "power" ? power(value) : number.format(value);
  };
}

// One table of all series: the places on the x axis of each, joined, with gaps where a series has no value.
function table(chart) {
  return uPlot.join(chart.series.map(({ x, y }) => [x, y]));
}

function drawMarks(plot, chart, colours) {
  const context = plot.ctx;
  const { top, height } = plot.bbox;
  const line = (x, dash, colour, label) => {
    const place = Math.round(plot.valToPos(x, "x", true)) + 0.5;
    context.save();
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = devicePixelRatio;
    context.setLineDash(dash.map((length) => length * devicePixelRatio));
    context.beginPath();
    context.moveTo(place, top);
    context.lineTo(place, top + height);
    context.stroke();
    if (label) {
      context.font = `600 ${11 * devicePixelRatio}px sans-serif`;
      context.textAlign = "left";
      context.textBaseline = "top";
      context.fillText(label, place + 3 * devicePixelRatio, top + 2 * devicePixelRatio);
    }
    context.restore();
  };
  if (chart.best != null) line(chart.best, [4, 4], colours.quiet);
  chart.marks.forEach(([x, label]) => line(x, [2, 3], colours.mark, label));
}

function build(holder, entry, data) {
  const { chart } = entry;
  const show = formatter(chart.format, data.locale);
  const showEpoch = formatter("number", data.locale);
  const font = "12px sans-serif";
  const colours = data.colours;
  const powers = (_plot, splits) => splits.map((value) => (Number.isInteger(+Math.log10(value).toFixed(9)) ? value : null));
  const axis = { stroke: colours.text, font, ticks: { show: false }, gap: 4 };
  const paths = { step: uPlot.paths.stepped({ align: 0 }) };
  const series = chart.series.map((each) => ({
    label: each.name,
    stroke: each.colour,
    width: each.width,
    dash: each.dash,
    fill: each.fill ?? undefined,
    paths: each.step ? paths.step : undefined,
    points: { show: each.points, size: 6, fill: each.colour, space: 0 },
    spanGaps: true,
    scale: "y",
    value: (_plot, value) => show(value),
    class: each.legend ? "named" : "unnamed",
  }));
  const place = (name) => chart.series.findIndex((each) => each.name === name) + 1;
  const range = (_plot, least, most) => {
    const { low, high } = entry.chart;
    const room = 0.06 * ((most - least) || Math.abs(most) || 1);
    return [low ?? least - room, high ?? most + room];
  };
  return new uPlot({
    width: Math.max(holder.clientWidth, 60),
    height: chart.height,
    padding: [10, 8, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    legend: { show: chart.legend, live: true, markers: { width: 0, fill: (_plot, i) => chart.series[i - 1]?.colour ?? "transparent" } },
    scales: {
      x: { time: false, range: (_plot, least, most) => [entry.chart.from ?? least, entry.chart.to ?? most] },
      y: chart.log ? { distr: 3 } : { range },
    },
    axes: [
      { ...axis, size: 24, grid: { show: false }, incrs: chart.whole ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] : undefined,
        values: (_plot, values) => values.map(showEpoch) },
      { ...axis, size: chart.silent ? 6 : 44, grid: { stroke: colours.grid, width: 1, show: !chart.silent, ...(chart.log ? { filter: powers } : {}) }, space: 28,
        values: (_plot, values) => values.map((value) => (chart.silent ? "" : show(value))) },
    ],
    series: [{ label: chart.across, value: (_plot, value) => showEpoch(value) }, ...series],
    bands: chart.bands.map(([high, low, fill]) => ({ series: [place(high), place(low)], fill })),
    hooks: { draw: [(plot) => drawMarks(plot, entry.chart, colours)] },
  }, table(chart), holder);
}

// What makes a chart another one, and not the same with more data.
function shape(chart, data) {
  const series = chart.series.map(({ x, y, ...rest }) => rest);
  const { low, high, from, to, best, marks, title, ...rest } = chart;
  return JSON.stringify([rest, series, data.colours, data.locale]);
}

function draw(grid, data) {
  if (!grid.isConnected) return;
  const charts = known.get(grid);
  const kept = new Set(data.charts.map((chart) => chart.key));
  for (const [key, entry] of charts) {
    if (kept.has(key)) continue;
    entry.plot.destroy();
    entry.cell.remove();
    charts.delete(key);
  }
  data.charts.forEach((chart, i) => {
    let entry = charts.get(chart.key);
    if (!entry) {
      const cell = document.createElement("figure");
      const title = document.createElement("figcaption");
      const holder = document.createElement("div");
      cell.append(title, holder);
      entry = { cell, title, holder };
      charts.set(chart.key, entry);
    }
    if (grid.children[i] !== entry.cell) grid.insertBefore(entry.cell, grid.children[i] ?? null);
    entry.cell.className = chart.wide ? "wide" : "";
    entry.title.textContent = chart.title;
    entry.cell.setAttribute("role", "img");
    entry.cell.setAttribute("aria-label", chart.title);
    entry.chart = chart;
    const signature = shape(chart, data);
    if (entry.signature !== signature) {
      entry.plot?.destroy();
      entry.signature = signature;
      entry.plot = build(entry.holder, entry, data);
    } else {
      entry.plot.setData(table(chart));
    }
  });
}

// A line of words with a bar below them, above the charts; and words below the charts.
function tell(parentElement, data) {
  const head = parentElement.querySelector(".head");
  const note = parentElement.querySelector(".note");
  const [words, bar] = head.children;
  head.style.display = data.head ? "block" : "none";
  if (data.head) {
    const percent = `${(100 * data.head.share).toFixed(1)}%`;
    words.textContent = data.head.words;
    bar.firstChild.style.width = percent;
    bar.setAttribute("aria-valuenow", Math.round(100 * data.head.share));
    bar.setAttribute("aria-label", data.head.words);
  }
  note.textContent = data.note;
  note.style.display = data.note ? "block" : "none";
}

export default function ({ data, parentElement }) {
  let grid = parentElement.querySelector(".plots");
  if (!grid) {
    const [head, words, bar, share, note] = ["head", "words", "bar", "share", "note"].map((name) => {
      const part = document.createElement("div");
      part.className = name;
      return part;
    });
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-valuemin", 0);
    bar.setAttribute("aria-valuemax", 100);
    grid = document.createElement("div");
    grid.className = "plots";
    bar.append(share);
    head.append(words, bar);
    parentElement.append(head, grid, note);
    known.set(grid, new Map());
    new ResizeObserver(() => {
      for (const { plot, holder, chart } of known.get(grid).values()) {
        const width = Math.max(holder.clientWidth, 60);
        if (plot && Math.abs(plot.width - width) > 1) plot.setSize({ width, height: chart.height });
      }
    }).observe(grid);
  }
  // No more columns than charts: one that is as wide as all of them would keep an empty column open.
  const abreast = Math.max(1, data.charts.filter((chart) => !chart.wide).length);
  const share = `calc((100% - ${(abreast - 1) * GAP}px) / ${abreast})`;
  grid.style.gridTemplateColumns = `repeat(auto-fit, minmax(max(min(100%, ${data.least}px), ${share}), 1fr))`;
  grid.newest = data;
  tell(parentElement, data);
  const whenReady = () => (globalThis.uPlot ? draw(grid, grid.newest) : setTimeout(whenReady, 30));
  whenReady();
}
