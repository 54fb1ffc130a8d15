// The view of classes: rates that can be sorted, and what is taken for what.
"use strict";
const RATES = ["IoU", "FPR", "FNR"];
let classOrder = { column: "IoU/0", falling: false };

function showClasses(values) {
  const { rates, steps } = PAGE.summary;
  const step = values.step in rates ? values.step : Object.keys(rates).at(-1);
  const select = document.getElementById("class-step");
  fill(select, Object.keys(rates).map((one) => [one, steps[one].name]), step);
  select.onchange = () => {
    keepAddress({ step: select.value });
    showClasses({ step: select.value });
  };
  drawRates(step);
  drawConfusions(step, values.by);
}

// Return the numbers of the classes in the order that was chosen; those that do not occur come last.
function orderedClasses(ofStep, order) {
  const numbers = PAGE.summary.classes.map((_, number) => number);
  if (order.column === "name") return order.falling ? numbers.reverse() : numbers;
  const [rate, experiment] = order.column.split("/");
  const of = ofStep[experiment] ?? Object.values(ofStep)[0];
  const value = (number) => of[number][RATES.indexOf(rate)];
  return numbers.sort((a, b) => {
    if (value(a) === null || value(b) === null) return (value(a) === null) - (value(b) === null);
    return (order.falling ? -1 : 1) * (value(a) - value(b)) || a - b;
  });
}

function drawRates(step) {
  const { classes, colours, experiments, rates } = PAGE.summary;
  const ofStep = rates[step];
  const shown = Object.keys(ofStep);
  if (classOrder.column !== "name" && !(classOrder.column.split("/")[1] in ofStep)) classOrder.column = `IoU/${shown[0]}`;
  const columns = [["name", "Class"]];
  for (const rate of RATES) for (const one of shown) columns.push([`${rate}/${one}`, `${rate}`, experiments[one]]);
  const heading = columns.map(([column, rate, of], index) => {
    const sorted = column === classOrder.column ? (classOrder.falling ? "descending" : "ascending") : null;
    const button = make("button", { type: "button", "data-column": column }, rate);
    button.onclick = () => {
      classOrder = { column, falling: column === classOrder.column ? !classOrder.falling : false };
      drawRates(step);
      document.querySelector(`[data-column="${column}"]`).focus();
    };
    const cell = make("th", { scope: "col", "aria-sort": sorted, class: index > 1 && (index - 1) % shown.length === 0 && "group-start" }, button);
    if (of && shown.length > 1) cell.append(make("br"), make("small", {}, of));
    return cell;
  });
  const body = orderedClasses(ofStep, classOrder).map((number) => {
    const name = make("th", { scope: "row" });
    const key = make("span", { class: "key" });
    key.style.background = colours[number];
    name.append(key, make("a", { href: writeAddress("images", [], { step, of: shown[0], class: number }) }, classes[number]));
    const cells = RATES.flatMap((_, rate) => shown.map((one, index) => make("td", { class: rate && index === 0 && "group-start" }, percent(ofStep[one][number][rate]))));
    return make("tr", { "data-class": number }, name, ...cells);
  });
  document.getElementById("class-rates").replaceChildren(make("thead", {}, make("tr", {}, ...heading)), make("tbody", {}, ...body));
}

function drawConfusions(step, by) {
  const { classes, confusions, experiments } = PAGE.summary;
  const ofStep = confusions[step];
  document.getElementById("confusion").hidden = !ofStep;
  if (!ofStep) return;
  const chosen = by in ofStep ? by : Object.keys(ofStep)[0];
  const select = document.getElementById("confusion-of");
  fill(select, Object.keys(ofStep).map((one) => [one, experiments[one]]), chosen);
  select.onchange = () => drawConfusions(step, select.value);
  const { shares, largest } = ofStep[chosen];
  const said = largest.map(([true_, predicted, share]) => make("li", {}, `${percent(share)} % of ${classes[true_]} is taken for ${classes[predicted]}`));
  document.getElementById("confusion-largest").replaceChildren(...said);
  const head = make("tr", {}, make("th", { scope: "col" }, "true \\ predicted"), ...classes.map((name) => make("th", { scope: "col" }, make("span", {}, name))));
  const body = shares.map((row, number) => {
    const cells = row.map((share) => {
      const cell = make("td", {}, share === null ? "" : share < 0.05 ? "·" : share.toFixed(share < 9.95 ? 1 : 0));
      if (share) cell.style.background = `rgba(var(--heat), ${(0.42 * share) / 100})`;
      return cell;
    });
    return make("tr", {}, make("th", { scope: "row" }, classes[number]), ...cells);
  });
  document.getElementById("confusion-matrix").replaceChildren(make("caption", {}, "Of each true class, the percentage of its pixels that is predicted as each class"), make("thead", {}, head), make("tbody", {}, ...body));
}
