// What the page knows: data arrive in classic scripts, which a page opened from disk may load when it needs them.
"use strict";
var PAGE = {
  data: {},
  waiting: {},

  // Called by every script of data.
  take(name, value) {
    this.data[name] = value;
  },

  // Return a promise of the data in NAME.js, loaded once.
  need(name) {
    if (name in this.data) return Promise.resolve(this.data[name]);
    this.waiting[name] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${name}.js`;
      script.onload = () => resolve(this.data[name]);
      script.onerror = () => reject(new Error(`${name}.js cannot be read`));
      document.head.append(script);
    });
    return this.waiting[name];
  },

  get summary() {
    return this.data.summary;
  },
};

// Return an element with attributes and children; text is never read as HTML.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Fill a select with [value, text] and choose one of them.
function fill(select, options, chosen) {
  select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  select.value = options.some(([value]) => String(value) === String(chosen)) ? chosen : options[0]?.[0];
}

const percent = (value) => (value === null || value === undefined ? "–" : value.toFixed(1));
