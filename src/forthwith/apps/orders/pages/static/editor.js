/** Fields for a menu and everything in it; what they hold is read back with `value()`. */

import { button, h, icon } from "./elements.js";
import { LANGUAGES } from "./texts.js";
import { language, say } from "./staff.js";

const OPTION = { names: {}, price: { type: "number", min: 0, step: "any", value: 0 } };
const CHOICE = {
  names: {},
  least: { type: "number", min: 0, value: 0 },
  most: { type: "number", min: 1, value: 1 },
  options: { of: OPTION },
};
const DISH = {
  names: {},
  price: { type: "number", min: 0, step: "any", value: 0 },
  unit: { type: "text", maxlength: 4, value: "份" },
  is_available: { type: "checkbox", value: true },
  choices: { of: CHOICE },
};
const SECTION = { names: {}, items: { of: DISH } };

/** An editor of the sections of a menu; the dishes of `unsure` are marked, to be looked at. */
export function menuEditor(sections, unsure = new Set()) {
  return listEditor("sections", SECTION, sections, unsure);
}

/** The four names of a shop or of anything on its menu. */
export function namesEditor(names, word = say("name")) {
  const fields = Object.entries(LANGUAGES).map(([code, spoken]) => {
    const input = h("input", { lang: code, maxlength: 100, "data-name": code });
    input.value = names?.[code] ?? "";
    const label = say("inLanguage", { name: word, language: spoken });
    return h("label", {}, label, input);
  });
  const view = h("div", { class: "fields" }, fields);
  const value = () => {
    const inputs = [...view.querySelectorAll("input")];
    const filled = inputs.filter((input) => input.value.trim());
    return Object.fromEntries(filled.map((input) => [input.lang, input.value.trim()]));
  };
  return { view, value, at: () => view.querySelector("input") };
}

function listEditor(name, shape, items = [], unsure = new Set()) {
  const rows = h("ol", { class: "rows" });
  const editors = new Map();

  function add(item, isOpen) {
    const editor = itemEditor(shape, item, unsure);
    const title = h("span", {}, titleOf(editor.value()));
    const mark = unsure.has(item.id) ? h("span", { class: "chip" }, say("lookAt")) : null;
    const summary = h("summary", {}, title, mark);
    const details = h("details", { open: isOpen }, summary, editor.view, tools());
    const row = h("li", {}, details);
    editor.view.addEventListener("input", () => (title.textContent = titleOf(editor.value())));
    editors.set(row, editor);
    rows.append(row);
    return row;

    function tools() {
      const up = () => row.previousElementSibling?.before(row);
      const remove = () => {
        editors.delete(row);
        row.remove();
      };
      return h(
        "div",
        { class: "row tidy" },
        button(say("up"), up),
        button([icon("cross"), say("remove")], remove, { class: "quiet" }),
      );
    }
  }

  items.forEach((item) => add(item, name === "sections"));
  const addNew = () => add({ id: newId() }, true).querySelector("input").focus();
  const more = button([icon("plus"), say("add", { what: say(name) })], addNew, {
    class: "quiet add",
  });
  const ordered = () => [...rows.children].map((row) => editors.get(row));
  return {
    view: h("div", { class: "stack", role: "group", "aria-label": say(name) }, rows, more),
    value: () => ordered().map((editor) => editor.value()),
    at: ([place, ...rest]) => ordered()[place]?.at(rest),
  };
}

function itemEditor(shape, item, unsure) {
  const parts = Object.entries(shape).map(([name, field]) => [name, part(name, field, item, unsure)]);
  const value = () => ({
    id: item.id,
    ...Object.fromEntries(parts.map(([name, editor]) => [name, editor.value()])),
  });
  const at = ([name, ...rest]) => new Map(parts).get(name)?.at(rest) ?? parts[0][1].at();
  const isSmall = ([name]) => name !== "names" && !shape[name].of;
  const views = (some) => some.map(([, editor]) => editor.view);
  const view = h(
    "div",
    { class: "stack" },
    parts[0][1].view,
    h("div", { class: "row small" }, views(parts.filter(isSmall))),
    views(parts.slice(1).filter((each) => !isSmall(each))),
  );
  return { view, value, at };
}

function part(name, field, item, unsure) {
  if (name === "names") return namesEditor(item.names);
  if (field.of) return listEditor(name, field.of, item[name], unsure);
  return fieldEditor(name, field, item[name] ?? field.value);
}

function fieldEditor(name, { value, ...attributes }, present) {
  const input = h("input", attributes);
  const isTick = attributes.type === "checkbox";
  if (isTick) input.checked = present;
  else input.value = present;
  const read = { checkbox: () => input.checked, number: () => Number(input.value) };
  return {
    view: h("label", { class: isTick ? "option" : "short" }, isTick ? [input, say(name)] : [say(name), input]),
    value: read[attributes.type] ?? (() => input.value.trim()),
    at: () => input,
  };
}

function titleOf({ names, price, is_available: isAvailable }) {
  const name = names[language] ?? Object.values(names)[0] ?? say("untitled");
  const told = [name, price || null, isAvailable === false ? "✕" : null];
  return told.filter((each) => each !== null).join(" · ");
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
