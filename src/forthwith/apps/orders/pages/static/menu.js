/** The menu: sections, dishes, and a sheet for what can be chosen about a dish. */

import { button, h, icon, money } from "./elements.js";

export function menuView({ menu, cart, language, say, go }) {
  const changes = [];
  const sections = menu.sections.filter((section) => section.items.length);
  const view = h(
    "div",
    {},
    h("h1", { tabindex: -1 }, menu.name),
    !menu.is_open ? h("p", { class: "soft", id: "closed" }, say("closed")) : null,
    sections.length > 1 ? jumps(sections) : null,
    sections.map((section) =>
      h(
        "section",
        { class: "section", id: `section-${section.id}`, "aria-labelledby": `name-${section.id}` },
        h("h2", { id: `name-${section.id}` }, section.name),
        h(
          "ul",
          { class: "dishes" },
          section.items.map((dish) => dishRow(dish)),
        ),
      ),
    ),
    cartBar(),
  );

  function dishRow(dish) {
    const canOrder = dish.is_available && menu.is_open;
    return h(
      "li",
      { class: dish.is_available ? "dish" : "dish gone", "data-dish": dish.id },
      h("span", { class: "tile", lang: "zh-TW", "aria-hidden": "true" }, initial(dish)),
      h(
        "div",
        { class: "wide" },
        h("h3", {}, dish.name),
        dish.chinese && dish.chinese !== dish.name
          ? h("p", { class: "soft", lang: "zh-TW" }, dish.chinese)
          : null,
        h("p", { class: "price" }, money(dish.price, menu, language)),
      ),
      canOrder ? dishStepper(dish) : null,
      dish.is_available ? null : h("span", { class: "soft" }, say("soldOut")),
    );
  }

  function dishStepper(dish) {
    const add = () => {
      if (dish.choices.length) chooseOptions(dish);
      else cart.change(dish, [], 1);
    };
    const { view, show } = stepper(dish.name, say, add, () => cart.takeOne(dish));
    changes.push(() => show(cart.piecesOf(dish.id)));
    return view;
  }

  function chooseOptions(dish) {
    const sheet = optionSheet(dish, menu, language, say, (options) => cart.change(dish, options, 1));
    view.append(sheet);
    sheet.showModal();
  }

  function cartBar() {
    const count = h("span");
    const total = h("span");
    const open = button([count, total], () => go("#cart"), { class: "primary full" });
    const bar = h("div", { class: "bar" }, open);
    changes.push(() => {
      bar.hidden = cart.pieces === 0;
      count.textContent = `${say("viewCart")} · ${say("pieces", { count: cart.pieces })}`;
      total.textContent = money(menu.totalOf(cart.lines), menu, language);
    });
    return bar;
  }

  const show = () => changes.forEach((change) => change());
  cart.addEventListener("change", show);
  show();
  return { view, title: menu.name, leave: () => cart.removeEventListener("change", show) };
}

/** A stepper; `show` tells it how many there are. The focus never stays on what disappears. */
export function stepper(item, say, more, fewer) {
  const minus = button(icon("minus"), fewer, { class: "round", "aria-label": say("fewer", { item }) });
  const plus = button(icon("plus"), more, {
    class: "round primary",
    "aria-label": say("more", { item }),
  });
  const count = h("output");
  const show = (pieces) => {
    if (pieces === 0 && document.activeElement === minus) plus.focus();
    minus.hidden = count.hidden = pieces === 0;
    count.replaceChildren(
      h("span", { "aria-hidden": "true" }, String(pieces)),
      h("span", { class: "unseen" }, say("inCart", { item, count: pieces })),
    );
  };
  return { view: h("div", { class: "stepper" }, minus, count, plus), show };
}

function jumps(sections) {
  const open = (id) => document.getElementById(`section-${id}`).scrollIntoView();
  return h(
    "nav",
    { class: "jumps" },
    sections.map(({ id, name }) => button(name, () => open(id))),
  );
}

function initial(dish) {
  return [...(dish.chinese ?? dish.name)][0];
}

function optionSheet(dish, menu, language, say, take) {
  const add = h("button", { class: "primary full" }, icon("plus"), say("add"));
  const form = h(
    "form",
    { method: "dialog", class: "stack" },
    h("h2", { id: "sheet-name" }, dish.name),
    dish.choices.map((choice) => choiceFields(choice, menu, language)),
    add,
    button(say("close"), () => sheet.close(), { class: "quiet" }),
  );
  const sheet = h("dialog", { "aria-labelledby": "sheet-name" }, form);
  const check = () => (add.disabled = !dish.choices.every((choice) => isEnough(form, choice)));
  form.addEventListener("change", (event) => {
    keepToMost(form, dish.choices.find(({ id }) => id === event.target.name), event.target);
    check();
  });
  form.addEventListener("submit", () => take([...new FormData(form).values()]));
  sheet.addEventListener("close", () => sheet.remove());
  check();
  return sheet;
}

function choiceFields(choice, menu, language) {
  const isOneOf = choice.least === 1 && choice.most === 1;
  return h(
    "fieldset",
    {},
    h("legend", {}, choice.name),
    choice.options.map((option, place) =>
      h(
        "label",
        { class: "option" },
        h("input", {
          type: isOneOf ? "radio" : "checkbox",
          name: choice.id,
          value: option.id,
          checked: isOneOf && place === 0,
        }),
        h("span", { class: "wide" }, option.name),
        option.price ? h("span", { class: "soft" }, `+${money(option.price, menu, language)}`) : null,
      ),
    ),
  );
}

function ticked(form, choice) {
  return [...form.elements].filter((field) => field.name === choice.id && field.checked);
}

function isEnough(form, choice) {
  return ticked(form, choice).length >= choice.least;
}

/** One tick too many takes back another. */
function keepToMost(form, choice, newest) {
  const others = ticked(form, choice).filter((field) => field !== newest);
  if (others.length >= choice.most && newest.checked) others[0].checked = false;
}
