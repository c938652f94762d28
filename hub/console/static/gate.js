// The gate's pages: the chart of the hours, a rules file read into the text, no form sent twice.
(() => {
  "use strict";
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  let chart = null;
  let drawn = "";

  function hoursOf(element) {
    const hours = element.dataset.hours.split(";").filter(Boolean).map((each) => each.split(","));
    const first = hours.findIndex((each) => each.slice(1).some((number) => number !== "0"));
    return first > 1 ? hours.slice(Math.min(first - 1, Math.max(0, hours.length - 4))) : hours; // not the night
  }

  function draw() {
    const element = document.getElementById("hours-chart");
    if (!element || !self.uPlot) return;
    const mark = `${element.dataset.hours}|${element.clientWidth}`;
    if (mark === drawn && element.firstElementChild) return;
    drawn = mark;
    if (chart) chart.destroy();
    const hours = hoursOf(element);
    const column = (place) => hours.map((each) => Number(each[place]));
    const names = hours.map((each) => each[0]);
    const last = Math.max(1, hours.length - 1);
    const labels = {
      hooks: {
        draw: [(u) => {
          // A label at the end of each line instead of a legend.
          const context = u.ctx;
          context.save();
          context.font = `${13 * devicePixelRatio}px sans-serif`;
          context.textAlign = "left";
          let lowest = Infinity;
          const wanted = [1, 2, 3].map((n) => ({ n, y: u.valToPos(u.data[n].at(-1) || 0, "y", true) }));
          for (const { n, y } of wanted.sort((one, other) => other.y - one.y)) {
            const at = Math.min(y, lowest - 15 * devicePixelRatio);
            lowest = at;
            context.fillStyle = u.series[n].stroke();
            const x = u.valToPos(u.data[0].at(-1), "x", true) + 8 * devicePixelRatio;
            context.fillText(`${u.series[n].label} ${u.data[n].at(-1)}`, x, at + 4 * devicePixelRatio);
          }
          context.restore();
        }],
      },
    };
    chart = new uPlot({
      width: element.clientWidth,
      height: 218,
      padding: [14, 90, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: { x: { time: false, range: [0, last] }, y: { range: (_u, _low, high) => [0, Math.max(5, Math.ceil(high * 1.15))] } },
      axes: [
        { stroke: colour("--quiet"), grid: { show: false }, values: (_u, ticks) => ticks.map((tick) => names[tick] || ""), incrs: [1, 2, 3, 4, 6, 12], space: 54 },
        { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
      ],
      series: [
        {},
        { label: element.dataset.inside, stroke: colour("--blue"), width: 2.5, fill: "rgba(20, 65, 123, 0.08)", points: { show: hours.length < 2 } },
        { label: element.dataset.entered, stroke: colour("--quiet"), width: 1.5, points: { show: false } },
        { label: element.dataset.left, stroke: colour("--warm"), width: 1.5, dash: [5, 4], points: { show: false } },
      ],
      plugins: [labels],
    }, [hours.map((_each, place) => place), column(3), column(1), column(2)], element);
  }

  document.addEventListener("htmx:sse:after:message", draw);
  addEventListener("resize", draw);
  draw();

  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file" || !input.dataset.into) return;
    const into = document.getElementById(input.dataset.into);
    if (input.files.length && into) {
      const bytes = await input.files[0].arrayBuffer();
      let text;
      try {
        text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      } catch {
        text = new TextDecoder("gb18030").decode(bytes); // what spreadsheets write in China
      }
      into.value = text.slice(0, Number(into.dataset.most || 60000));
      into.focus();
    }
    input.value = "";
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
})();
