// The days as lines, and the report's print button.
(() => {
  "use strict";
  const element = document.querySelector("[data-days]");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let chart = null;
  function draw() {
    if (!element || typeof uPlot === "undefined") return;
    if (chart) chart.destroy();
    const told = JSON.parse(element.dataset.days);
    const names = told.days.map((day) => day.slice(5));
    const series = [["visitors", "--blue", 2.5], ["served", "--green", 1.5], ["submissions", "--warm", 1.5]];
    const said = (place) => `${told.words[series[place][0]]} ${told[series[place][0]].at(-1)}`;
    const ruler = document.createElement("canvas").getContext("2d");
    ruler.font = "13px sans-serif";
    const room = Math.max(...series.map((_each, place) => ruler.measureText(said(place)).width));
    const labels = {
      hooks: {
        draw: [(u) => {
          const context = u.ctx;
          context.save();
          context.font = `${13 * devicePixelRatio}px sans-serif`;
          context.textAlign = "left";
          let last = Infinity;
          const at = series.map((_each, place) => ({ place, y: u.valToPos(u.data[place + 1].at(-1), "y", true) })).sort((a, b) => b.y - a.y);
          for (const each of at) {
            const y = Math.min(each.y, last - 16 * devicePixelRatio); // one above the other, where lines end together
            last = y;
            context.fillStyle = colour(series[each.place][1]);
            const x = u.valToPos(u.data[0].at(-1), "x", true) + 8 * devicePixelRatio;
            context.fillText(said(each.place), x, y + 4 * devicePixelRatio);
          }
          context.restore();
        }],
      },
    };
    chart = new uPlot({
      width: element.clientWidth,
      height: 218,
      padding: [14, Math.ceil(room) + 16, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: { x: { time: false, range: [0, Math.max(1, names.length - 1)] }, y: { range: (_u, _low, high) => [0, Math.max(5, Math.ceil(high * 1.15))] } },
      axes: [
        { stroke: colour("--quiet"), grid: { show: false }, values: (_u, ticks) => ticks.map((tick) => names[tick] || ""), incrs: [1, 2, 7, 14, 30, 60], space: 54 },
        { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
      ],
      series: [{}, ...series.map(([name, ink, width]) => ({ label: told.words[name], stroke: colour(ink), width, points: { show: names.length < 2 } }))],
      plugins: [labels],
    }, [names.map((_each, place) => place), ...series.map(([name]) => told[name])], element);
  }
  addEventListener("resize", draw);
  draw();
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
})();
