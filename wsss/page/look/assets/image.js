// The view of one image: all that is known of it, side by side or as layers.
"use strict";
const MOST_EXPERIMENTS = 4;
const LAYER_NAMES = { truth: "truth", seed: "seed at the threshold", labels: "confident labels", mask: "mask", prediction: "prediction" };

async function showImage([group, id], values) {
  const { summary } = PAGE;
  if (!(group in summary.groups)) return;
  const rows = await PAGE.need(`rows/${group}`);
  const place = rows.ids.indexOf(id);
  document.getElementById("title-image").textContent = place < 0 ? `${id}: no such image` : id;
  if (place < 0) return;
  const pack = Math.floor(place / summary.perPack);
  const image = (await PAGE.need(`packs/${group}-${pack}`))[place % summary.perPack];
  const state = imageState(group, values);
  drawWalk(group, id, rows, values);
  drawFacts(rows, place, state.experiments);
  drawChoices(group, id, state);
  drawKey(image, rows.labels[place], rows, place);
  document.getElementById("side").hidden = state.mode !== "side";
  document.getElementById("layers").hidden = state.mode !== "layers";
  if (state.mode === "side") drawSide(image, state.experiments);
  else drawLayers(image, state);
}

// Return {experiments, mode, opacity, on}; up to four experiments, by default the first ones that have something here.
function imageState(group, values) {
  const known = experimentsIn(group);
  const asked = (values.e ?? "").split(".").filter((one) => known.includes(one));
  return {
    known,
    experiments: (asked.length ? asked : known).slice(0, MOST_EXPERIMENTS),
    mode: values.mode === "layers" ? "layers" : "side",
    opacity: Math.min(100, Math.max(0, Number(values.opacity ?? 65) || 0)),
    on: (values.on ?? "").split(".").filter(Boolean),
  };
}

function experimentsIn(group) {
  const { groups, experiments } = PAGE.summary;
  const layers = groups[group].layers.map((layer) => layer.split("-")[1]);
  return experiments.map((_, number) => String(number)).filter((number) => layers.includes(number));
}

// Previous and next in the list that was left, or else in the group.
function drawWalk(group, id, rows, values) {
  let list = IMAGES.list.filter((one) => one.group === group);
  if (!list.some((one) => one.id === id)) list = rows.ids.map((name) => ({ group, id: name }));
  const at = list.findIndex((one) => one.id === id);
  document.getElementById("where").textContent = `${(at + 1).toLocaleString("en")} of ${list.length.toLocaleString("en")}`;
  for (const [name, by] of [["previous", -1], ["next", 1]]) {
    const link = document.getElementById(name);
    const other = list[at + by];
    link.style.visibility = other ? "visible" : "hidden";
    if (other) link.href = addressOfImage(other, values);
    else link.removeAttribute("href");
  }
  const { step, of, than, class: number, wrong, order, show } = IMAGES.values;
  document.getElementById("back").href = writeAddress("images", [], { step, of, than, class: number, wrong, order, show });
}

function drawFacts(rows, place, experiments) {
  const { summary } = PAGE;
  const said = [];
  const labels = rows.labels[place].map((number) => summary.classes[number]).join(", ");
  if (labels) said.push(`Labelled ${labels}.`);
  for (const [step, ofStep] of Object.entries(rows.steps)) {
    for (const number of experiments) {
      const row = ofStep[number]?.[place];
      if (!row) continue;
      const [iou, missed, much, wrong] = row.map((value) => value);
      said.push(`${summary.experiments[number]}, ${summary.steps[step].name}: IoU ${percent(iou)} (missed ${percent(missed)} %, too much ${percent(much)} %, wrong class ${percent(wrong)} % of the pixels).`);
    }
  }
  const doubt = rows.doubt?.[place];
  if (doubt) said.push(`Its mask ${why({ doubt }, summary.kinds, summary.classes)}.`);
  document.getElementById("facts").replaceChildren(...said.flatMap((text) => [make("span", {}, text), make("br")]));
}

function drawChoices(group, id, state) {
  const change = (changes) => {
    const { experiments, mode, opacity, on } = { ...state, ...changes };
    const values = { e: experiments.join("."), mode, opacity, on: on.join(".") };
    keepAddress(values);
    return showImage([group, id], values);
  };
  const boxes = state.known.map((number) => {
    const box = make("input", { type: "checkbox", value: number });
    box.checked = state.experiments.includes(number);
    box.disabled = !box.checked && state.experiments.length >= MOST_EXPERIMENTS;
    box.onchange = async () => {
      const chosen = state.known.filter((one) => (one === number ? box.checked : state.experiments.includes(one)));
      await change({ experiments: chosen.length ? chosen : [number] });
      document.querySelector(`#of-image input[value="${number}"]`)?.focus();
    };
    return make("label", {}, box, ` ${PAGE.summary.experiments[number]}`);
  });
  const field = document.getElementById("of-image");
  field.replaceChildren(field.firstElementChild, ...boxes);
  field.hidden = state.known.length < 2;
  for (const radio of document.getElementsByName("mode")) {
    radio.checked = radio.value === state.mode;
    radio.onchange = () => change({ mode: radio.value });
  }
  const slider = document.getElementById("opacity");
  slider.value = state.opacity;
  document.getElementById("view-image").style.setProperty("--opacity", state.opacity / 100);
  slider.oninput = () => {
    document.getElementById("view-image").style.setProperty("--opacity", state.opacity / 100);
  };
  slider.onchange = () => change({ opacity: Number(slider.value) });
  state.change = change;
}

// Colours of the classes that occur in the image: its labels, and what any evaluation has found in it.
function drawKey(image, labels, rows, place) {
  const found = new Set(labels);
  for (const ofStep of Object.values(rows.steps)) for (const of of Object.values(ofStep)) for (const number of Object.keys(of[place]?.[5] ?? {})) found.add(Number(number));
  found.delete(0);
  const { classes, colours } = PAGE.summary;
  const keys = [...found].sort((a, b) => a - b).map((number) => {
    const key = make("span", { class: "key" });
    key.style.background = colours[number];
    return make("span", {}, key, classes[number]);
  });
  document.getElementById("colour-key").replaceChildren(...keys);
}

// Return {key, name, source, isFlat} of all layers that there are of an image and these experiments, in the order of the pipeline.
function layersOf(image, experiments) {
  const { classes, experiments: names } = PAGE.summary;
  const several = experimentsIn(readAddress(location.hash).parts[0]).length > 1;
  const of = (number) => (several ? `, ${names[number]}` : "");
  const found = image.layers.truth ? [{ key: "truth", name: "truth", source: image.layers.truth, isFlat: true }] : [];
  for (const number of experiments) {
    for (const [label, source] of Object.entries(image.seeds[number] ?? {})) {
      found.push({ key: `heat-${number}-${label}`, name: `seed of ${classes[label]}${of(number)}`, source, isFlat: false });
    }
    for (const kind of ["seed", "labels", "mask", "prediction"]) {
      const source = image.layers[`${kind}-${number}`];
      if (source) found.push({ key: `${kind}-${number}`, name: `${LAYER_NAMES[kind]}${of(number)}`, source, isFlat: true });
    }
  }
  return found;
}

function canvas(image, layers) {
  const isHeat = layers.some((layer) => !layer.isFlat);
  const box = make("div", { class: `canvas${isHeat ? " under-heat" : ""}` });
  box.style.aspectRatio = image.size.join(" / ");
  const source = (text) => `data:image/webp;base64,${text}`;
  box.append(make("img", { src: source(image.photo), alt: layers.length ? "" : "photo" }));
  for (const layer of layers) box.append(make("img", { src: source(layer.source), alt: layer.name, class: `over ${layer.isFlat ? "flat" : "heat"}` }));
  return box;
}

function drawSide(image, experiments) {
  const framed = (name, layers) => make("figure", {}, canvas(image, layers), make("figcaption", {}, name));
  const layers = layersOf(image, experiments);
  const rows = [[framed("photo", []), ...layers.filter((one) => one.key === "truth").map((one) => framed(one.name, [one]))]];
  for (const number of experiments) {
    const own = layers.filter((one) => one.key.split("-")[1] === number).map((one) => framed(one.name, [one]));
    if (experiments.length === 1) rows[0].push(...own);
    else rows.push(own);
  }
  const side = document.getElementById("side");
  side.classList.toggle("small-photos", Math.max(...image.size) <= 160);
  side.replaceChildren(...rows.map((figures) => make("div", { class: "row" }, ...figures)));
}

function drawLayers(image, state) {
  const layers = layersOf(image, state.experiments);
  const ofFirst = layers.filter((layer) => layer.key.split("-")[1] === state.experiments[0]);
  const on = state.on.length ? state.on : [ofFirst.at(-1)?.key];
  const boxes = layers.map((layer) => {
    const box = make("input", { type: "checkbox", value: layer.key });
    box.checked = on.includes(layer.key);
    box.onchange = async () => {
      await state.change({ on: box.checked ? [...on, layer.key] : on.length > 1 ? on.filter((one) => one !== layer.key) : ["none"] });
      document.querySelector(`#layer-list input[value="${layer.key}"]`)?.focus();
    };
    return make("label", {}, box, ` ${layer.name}`);
  });
  const list = document.getElementById("layer-list");
  list.replaceChildren(list.firstElementChild, ...boxes);
  document.getElementById("stack").replaceChildren(canvas(image, layers.filter((layer) => on.includes(layer.key))));
}
