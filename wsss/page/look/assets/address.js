// The address of what is shown: #view/parts?key=value, so that it can be sent to someone.
"use strict";

// Return {view, parts, values} of the part of an address behind #.
function readAddress(hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?");
  const [view, ...parts] = path.split("/").map(decoded);
  return { view: view || "overview", parts, values: Object.fromEntries(new URLSearchParams(query)) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Return such a part, without values that are empty.
function writeAddress(view, parts = [], values = {}) {
  const given = Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const query = new URLSearchParams(given).toString();
  return `#${[view, ...parts].map(encodeURIComponent).join("/")}${query ? `?${query}` : ""}`;
}

// Change the values of the present address without a new entry in the history.
function keepAddress(values) {
  const { view, parts } = readAddress(location.hash);
  history.replaceState(null, "", writeAddress(view, parts, values));
}
