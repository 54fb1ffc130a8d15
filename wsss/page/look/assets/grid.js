// The list of images: only those on the screen exist in the document, however many there are.
"use strict";

class Grid {
  // list: an <ul>; draw(item, index): what stands in its <li>, a link.
  constructor(list, draw) {
    [this.list, this.draw, this.items, this.shown] = [list, draw, [], new Map()];
    addEventListener("scroll", () => this.update(), { passive: true });
    addEventListener("resize", () => this.layout());
    list.addEventListener("keydown", (event) => this.walk(event));
  }

  show(items) {
    this.items = items;
    this.layout();
  }

  layout() {
    const width = this.list.clientWidth;
    if (!width) return;
    this.columns = Math.max(2, Math.floor((width + 8) / 146));
    this.width = Math.floor((width + 8) / this.columns) - 8;
    this.height = this.width + 36;
    this.list.style.height = `${Math.ceil(this.items.length / this.columns) * (this.height + 8)}px`;
    for (const element of this.shown.values()) element.remove();
    this.shown.clear();
    this.update();
  }

  update() {
    if (!this.list.clientWidth || !this.columns) return;
    const above = -this.list.getBoundingClientRect().top;
    const step = this.height + 8;
    const first = Math.max(0, Math.floor((above - 400) / step)) * this.columns;
    const last = Math.min(this.items.length, Math.ceil((above + innerHeight + 400) / step) * this.columns);
    for (const [index, element] of this.shown) {
      if ((index < first || index >= last) && !element.contains(document.activeElement)) {
        element.remove();
        this.shown.delete(index);
      }
    }
    for (let index = first; index < last; index++) if (!this.shown.has(index)) this.place(index);
  }

  place(index) {
    const element = make("li", { "aria-setsize": this.items.length, "aria-posinset": index + 1 });
    Object.assign(element.style, {
      width: `${this.width}px`,
      height: `${this.height}px`,
      left: `${(index % this.columns) * (this.width + 8)}px`,
      top: `${Math.floor(index / this.columns) * (this.height + 8)}px`,
    });
    element.append(this.draw(this.items[index], index));
    element.dataset.index = index;
    this.shown.set(index, element);
    const later = [...this.list.children].find((other) => Number(other.dataset.index) > index);
    this.list.insertBefore(element, later ?? null); // in order, for the Tab key
  }

  // Arrow keys go from image to image.
  walk(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns }[event.key];
    const at = event.target.closest("li");
    if (!by || !at) return;
    event.preventDefault();
    this.focus(Number(at.dataset.index) + by);
  }

  focus(index) {
    if (index < 0 || index >= this.items.length) return;
    if (!this.shown.has(index)) this.place(index);
    const link = this.shown.get(index).querySelector("a");
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  }
}
