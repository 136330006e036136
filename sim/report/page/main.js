// Starts the page. How long its first picture took is on the root element, for those who ask.

{
  const begin = performance.now();
  const data = JSON.parse(document.getElementById("data").textContent);
  ({ sweep: showSweep, runs: showRuns })[data.kind](data);
  addNavigation();
  // Two frames later the first has been painted.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    document.documentElement.dataset.drawMs = String(Math.round(performance.now() - begin));
  }));
}
