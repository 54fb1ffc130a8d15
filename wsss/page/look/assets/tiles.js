// Thumbnails: tiles of sheets, a layer over the photo.
"use strict";

// Return a square of a photo and the layers over it, by the place of the image in its group.
function thumb(group, place, layers) {
  const { perRow, perSheet } = PAGE.summary.tiles;
  const sheet = Math.floor(place / perSheet);
  const tile = place % perSheet;
  const rows = Math.ceil(Math.min(perSheet, PAGE.summary.groups[group].count - sheet * perSheet) / perRow);
  const [column, row] = [tile % perRow, Math.floor(tile / perRow)];
  const square = make("span", { class: "thumb" });
  for (const layer of ["photo", ...layers]) {
    const picture = make("i");
    picture.style.backgroundImage = `url("tiles/${group}-${sheet}-${layer}.webp")`;
    picture.style.backgroundSize = `${100 * perRow}% ${100 * rows}%`;
    picture.style.backgroundPosition = `${(100 * column) / (perRow - 1)}% ${rows > 1 ? (100 * row) / (rows - 1) : 0}%`;
    square.append(picture);
  }
  return square;
}

// Draw the examples of the first view, of which the template has names and places only.
function drawExamples() {
  for (const link of document.querySelectorAll(".examples a")) {
    const { group, place, layer } = link.dataset;
    const shown = PAGE.summary.groups[group].hasTruth ? [["truth"], [layer]] : [[], [layer]];
    link.querySelector(".pair").replaceChildren(...shown.map((layers) => thumb(group, Number(place), layers)));
  }
}
