// Which view is shown: that of the address.
"use strict";
const VIEWS = { overview: () => {}, classes: showClasses, images: showImages, training: () => {}, origin: () => {} };
const scrolled = {}; // how far each view was scrolled, by address
let shownView = null;

function show() {
  const { view: asked, parts, values } = readAddress(location.hash);
  if (asked === "content") return; // the skip link
  const view = document.getElementById(`view-${asked}`) ? asked : "overview";
  for (const section of document.querySelectorAll(".view")) section.hidden = section.id !== `view-${view}`;
  for (const link of document.querySelectorAll("nav a")) {
    const isHere = link.hash === `#${view === "image" ? "images" : view}`;
    isHere ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  const done = view === "image" ? showImage(parts, values) : VIEWS[view](values);
  const isNew = shownView !== null && shownView !== view;
  shownView = view;
  Promise.resolve(done).then(() => {
    if (isNew) scrollTo(0, scrolled[location.hash] ?? 0);
    if (isNew) document.querySelector(`#view-${view} h2`)?.focus({ preventScroll: true });
    document.body.dataset.shown = location.hash || "#overview";
  });
}

addEventListener("hashchange", show);
addEventListener("scroll", () => (scrolled[location.hash] = scrollY), { passive: true });
addEventListener("keydown", (event) => {
  if (shownView !== "image" || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.matches?.("input[type=range], input[type=radio], select")) return;
  const link = { ArrowLeft: "previous", ArrowRight: "next", Escape: "back" }[event.key];
  const target = link && document.getElementById(link);
  if (!target?.hash) return;
  event.preventDefault();
  if (link === "back") location.hash = target.hash;
  else location.replace(target.hash); // one entry in the history, however many images
});
if (history.scrollRestoration) history.scrollRestoration = "manual";
drawExamples();
show();
