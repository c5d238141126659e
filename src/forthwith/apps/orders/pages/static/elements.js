/** Builds pages out of elements; what data says only ever becomes text, never markup. */

export function h(tag, attributes = {}, ...children) {
  return dressed(document.createElement(tag), attributes, children);
}

function dressed(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const DRAWINGS = {
  minus: ["M5 12h14"],
  plus: ["M12 5v14M5 12h14"],
  back: ["M15 5l-7 7 7 7"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  cross: ["M7 7l10 10M17 7L7 17"],
  download: ["M12 4v11m-5-4.5l5 4.5 5-4.5M5 20h14"],
  bell: ["M6 16.5V11a6 6 0 0112 0v5.5l1.5 2h-15zM10.5 21h3"],
  speaker: ["M5 9.5v5h3l4 3.5V6L8 9.5zM15.5 9a4.2 4.2 0 010 6M18 6.5a8 8 0 010 11"],
  bowl: [
    "M9.5 9c-1.6-1.6 1.6-2.4 0-4.3",
    "M14.5 9c-1.6-1.6 1.6-2.4 0-4.3",
    "M4 12h16c0 4-2.8 7-6 7.4h-4C6.8 19 4 16 4 12z",
  ],
};

/** A drawing beside words; it says nothing of its own. */
export function icon(name) {
  const parts = DRAWINGS[name].map((d) => dressed(drawn("path"), { d }, []));
  return dressed(drawn("svg"), { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, parts);
}

const drawn = (tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);

export function button(label, onclick, attributes = {}) {
  return h("button", { type: "button", onclick, ...attributes }, label);
}

/** Money in the currency's own unit, without the decimals that it does not need. */
export function money(amount, { currency, decimals }, language) {
  const digits = Number.isInteger(amount) ? 0 : decimals;
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount);
}
