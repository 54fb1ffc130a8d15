// The view of all images: filters, order, and the grid.
"use strict";
const IMAGES = { list: [], grid: null, values: {} }; // list: what the view of one image walks through

// Return what is chosen, each with its default where the address says nothing or what is not there.
function chosenImages(values) {
  const { summary } = PAGE;
  const steps = stepsShown();
  const step = steps.includes(values.step) ? values.step : steps.at(-1);
  const group = summary.steps[step].group;
  const experiments = experimentsOf(step);
  const of = experiments.includes(values.of) ? values.of : experiments[0];
  const than = experiments.includes(values.than) && values.than !== of ? values.than : "";
  const measured = summary.groups[group].steps.includes(step);
  const order = values.order ?? (than ? "lost" : "worst");
  const number = values.class in summary.classes ? values.class : "";
  const wrong = values.wrong in summary.kinds ? values.wrong : "";
  return { step, group, of, than, measured, order, class: number, wrong, show: values.show ?? "made" };
}

// Return the steps of which pictures can be shown.
function stepsShown() {
  const { groups, steps } = PAGE.summary;
  return Object.keys(steps).filter((step) => groups[steps[step].group] && experimentsOf(step).length);
}

// Return the numbers of the experiments, as text, that have something of a step.
function experimentsOf(step) {
  const { groups, steps } = PAGE.summary;
  const layers = groups[steps[step].group].layers.filter((layer) => layer.startsWith(`${steps[step].layer}-`));
  return layers.map((layer) => layer.split("-")[1]).sort((a, b) => a - b);
}

function showImages(values) {
  const chosen = chosenImages(values);
  drawFilters(chosen);
  return PAGE.need(`rows/${chosen.group}`).then((rows) => {
    IMAGES.list = listed(rows, chosen).map((one) => ({ ...one, id: rows.ids[one.place], group: chosen.group }));
    IMAGES.values = chosen;
    IMAGES.grid ??= new Grid(document.getElementById("grid"), drawCard);
    const { groups, experiments, steps } = PAGE.summary;
    document.getElementById("count").textContent =
      `${IMAGES.list.length.toLocaleString("en")} of ${rows.ids.length.toLocaleString("en")} images of ${groups[chosen.group].split}` +
      `, ${steps[chosen.step].name} of ${experiments[chosen.of]}` +
      (chosen.than ? `; the second line begins with the difference to ${experiments[chosen.than]}` : "");
    IMAGES.grid.show(IMAGES.list);
  });
}

function drawFilters(chosen) {
  const { summary } = PAGE;
  const form = document.getElementById("filters");
  const named = (numbers) => numbers.map((one) => [one, summary.experiments[one]]);
  const experiments = experimentsOf(chosen.step);
  const orders = chosen.measured ? [["worst", "worst first"], ["best", "best first"]] : [["worst", summary.groups[chosen.group].hasDoubt ? "most doubt first" : "as in the split"]];
  if (chosen.than) orders.push(["lost", "most lost first"], ["gained", "most gained first"]);
  const names = summary.classes.map((name, number) => [number, name]);
  fill(form.step, stepsShown().map((step) => [step, `${summary.steps[step].name} (${summary.groups[summary.steps[step].group].split})`]), chosen.step);
  fill(form.of, named(experiments), chosen.of);
  fill(form.than, [["", "nothing"], ...named(experiments.filter((one) => one !== chosen.of))], chosen.than);
  fill(form.class, [["", "all"], ...(chosen.measured ? names : names.slice(1))], chosen.class);
  fill(form.wrong, [["", "anything"], ...summary.kinds.map((kind, number) => [number, kind])], chosen.wrong);
  fill(form.order, [...orders, ["name", "by name"]], chosen.order);
  fill(form.show, [["made", "what was made"], ...(chosen.measured ? [["truth", "truth"]] : []), ["photo", "photo"]], chosen.show);
  for (const label of form.querySelectorAll("[data-truth]")) label.hidden = !chosen.measured;
  form.onsubmit = (event) => event.preventDefault();
  form.onchange = (event) => {
    const values = Object.fromEntries(new FormData(form));
    if (event.target.name === "than" || !orders.some(([order]) => order === values.order)) {
      if (values.order !== "name") delete values.order;
    }
    keepAddress(values);
    showImages(values);
  };
}

function drawCard(one) {
  const { values } = IMAGES;
  const { classes, kinds, steps } = PAGE.summary;
  const layers = { made: [`${steps[values.step].layer}-${values.of}`], truth: ["truth"], photo: [] }[values.show] ?? [];
  const gain = one.gain === null ? "" : `${one.gain < 0 ? "−" : "+"}${percent(Math.abs(one.gain))}, `;
  const picture = thumb(one.group, one.place, layers);
  picture.setAttribute("aria-hidden", "true");
  return make(
    "a",
    { href: addressOfImage(one) },
    picture,
    make("span", { class: "line" }, make("span", { class: "name" }, one.id), make("span", { class: "iou" }, one.value === null ? "" : percent(one.value))),
    make("span", { class: "why" }, gain + why(one, kinds, classes)),
  );
}

function addressOfImage(one, values = {}) {
  return writeAddress("image", [one.group, one.id], values);
}
