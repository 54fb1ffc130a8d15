// Which images are listed, and in which order: plain functions of the rows of a group and of what was chosen.
// A row is [IoU, missed, too much, wrong class, kind or -1, {class: IoU}].
"use strict";

// Return the IoU that counts: of the whole image, or of the class that was chosen.
function valueOf(row, number) {
  if (!row) return null;
  return number === "" ? row[0] : row[5][number] ?? null;
}

// Return [{place, value, gain, row}] of the images that fit, in order.
// chosen: {step, of, than, class, wrong, order}, all text; "" is no choice.
function listed(rows, chosen) {
  const ofStep = rows.steps[chosen.step];
  const own = ofStep?.[chosen.of];
  if (!own) return byDoubt(rows, chosen);
  const other = chosen.than === "" ? null : ofStep[chosen.than];
  const found = [];
  own.forEach((row, place) => {
    const value = valueOf(row, chosen.class);
    if (value === null) return;
    if (chosen.wrong !== "" && row[4] !== Number(chosen.wrong)) return;
    const than = other ? valueOf(other[place], chosen.class) : null;
    if (other && than === null) return;
    found.push({ place, value, gain: than === null ? null : value - than, row });
  });
  const keys = {
    worst: (one) => one.value,
    best: (one) => -one.value,
    lost: (one) => one.gain ?? 0,
    gained: (one) => -(one.gain ?? 0),
    name: () => 0,
  };
  const key = keys[chosen.order] ?? keys.worst;
  const byName = (a, b) => (rows.ids[a.place] < rows.ids[b.place] ? -1 : 1);
  return found.sort((a, b) => key(a) - key(b) || byName(a, b));
}

// Without true masks: as the rows are, which is by doubt, or by name.
function byDoubt(rows, chosen) {
  const found = [];
  rows.ids.forEach((id, place) => {
    if (chosen.class !== "" && !rows.labels[place].includes(Number(chosen.class))) return;
    found.push({ place, value: null, gain: null, row: null, doubt: rows.doubt?.[place] });
  });
  return chosen.order === "name" ? found.sort((a, b) => (rows.ids[a.place] < rows.ids[b.place] ? -1 : 1)) : found;
}

// Return in a few words what went wrong in an image.
function why(one, kinds, classes) {
  if (one.row) {
    const [, ...shares] = one.row;
    return one.row[4] < 0 ? "nothing wrong" : `${kinds[one.row[4]]} ${percent(shares[one.row[4]])} %`;
  }
  if (!one.doubt) return "";
  const [lacking, open, contradicted] = one.doubt;
  const said = lacking.length ? [`lacks ${lacking.map((number) => classes[number]).join(", ")}`] : [];
  if (open !== null) said.push(`open ${percent(open)} %, contradicted ${percent(contradicted)} %`);
  return said.join("; ");
}
