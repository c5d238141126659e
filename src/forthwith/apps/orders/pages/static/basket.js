/** The order before it is sent: lines, table, note, total, and one tap to send it. */

import { placeOrder } from "./calls.js";
import { button, h, icon, money } from "./elements.js";
import { stepper } from "./menu.js";

const WORDS = [
  ["table", { maxlength: 20, autocomplete: "off" }],
  ["guest_name", { maxlength: 40, autocomplete: "given-name" }],
  ["note", { maxlength: 300, autocomplete: "off" }],
];

export function basketView({ menu, cart, language, say, go, line, reload, refusal }) {
  const lines = h("ul", { class: "dishes" });
  const total = h("span");
  const problem = h("p", { class: "bad", role: "alert" }, refusal?.message ?? "");
  const action = h("span", {}, say("order"));
  const price = h("span");
  const send = button([action, price], order, { class: "primary full" });
  const empty = h("p", { class: "soft" }, say("emptyCart"));
  const view = h(
    "div",
    { class: "stack" },
    h("div", {}, button([icon("back"), say("back")], () => go(""), { class: "quiet back" })),
    h("h1", { tabindex: -1 }, say("cart")),
    empty,
    lines,
    h("div", { class: "sum" }, h("span", {}, say("total")), total),
    h("div", { class: "card stack" }, WORDS.map(wordField)),
    problem,
    h("div", { class: "bar" }, send),
  );

  function wordField([name, attributes]) {
    const field = h(name === "note" ? "textarea" : "input", { name, ...attributes });
    field.value = cart.words[name] ?? "";
    field.addEventListener("input", () => cart.say(name, field.value));
    return h("label", {}, say(name), field);
  }

  function lineRow(each, place) {
    const dish = menu.dishOf(each);
    const known = dish ?? { id: each.dish, name: each.name };
    const steps = stepper(
      known.name,
      say,
      () => cart.change(known, each.options, 1),
      () => cart.change(known, each.options, -1),
    );
    steps.show(each.quantity);
    const options = menu.optionsOf(each).map(({ name }) => name);
    const fault = dish ? refusal?.faults.get(place) : say("soldOut");
    return h(
      "li",
      { class: dish ? "dish" : "dish gone", "data-dish": each.dish },
      h(
        "div",
        { class: "wide" },
        h("h2", {}, known.name),
        options.length ? h("p", { class: "soft" }, options.join(", ")) : null,
        dish
          ? h("p", { class: "price" }, money(menu.priceOf(each) * each.quantity, menu, language))
          : null,
      ),
      steps.view,
      fault ? h("p", { class: "fault" }, fault) : null,
    );
  }

  function show() {
    const focused = document.activeElement?.getAttribute("aria-label");
    lines.replaceChildren(...cart.lines.map(lineRow));
    lines.hidden = cart.pieces === 0;
    empty.hidden = cart.pieces > 0;
    total.textContent = price.textContent = money(menu.totalOf(cart.lines), menu, language);
    send.disabled = !menu.is_open || !cart.pieces || cart.lines.some((each) => !menu.dishOf(each));
    if (focused) {
      const again = view.querySelector(`[aria-label="${CSS.escape(focused)}"]`);
      (again ?? view.querySelector("h1")).focus();
    }
  }

  async function order() {
    if (send.disabled) return;
    send.disabled = true;
    action.textContent = say("ordering");
    problem.textContent = "";
    try {
      const { body, key } = cart.request(menu, language, (await line).idToken());
      const placed = await placeOrder(body, key);
      cart.clear();
      go(`#order/${placed.order_id}`, { replace: true });
    } catch (error) {
      await refused(error);
    }
  }

  async function refused(error) {
    action.textContent = say("order");
    send.disabled = false;
    if (error.status === 422) {
      await reload(told(error, say));
    } else {
      problem.textContent = error.status === 429 ? error.message : say("orderFailed");
    }
  }

  cart.addEventListener("change", show);
  show();
  if (!menu.is_open) problem.textContent = say("closed");
  return { view, title: say("cart"), leave: () => cart.removeEventListener("change", show) };
}

/** What is wrong with which line: `#/items/0/price` is the price of the first one. */
function told(problem, say) {
  const faults = new Map();
  for (const { pointer, detail } of problem.faults) {
    const [, place, member] = /^#\/items\/(\d+)(?:\/(\w+))?/.exec(pointer) ?? [];
    if (place === undefined) continue;
    const words = { price: say("newPrice"), menu_item_id: say("changed"), options: say("changed") };
    faults.set(Number(place), words[member] ?? detail);
  }
  const isPrice = problem.faults.some(({ pointer }) => /price|total_amount/.test(pointer));
  const message = isPrice ? say("newPrice") : faults.size ? say("checkItems") : problem.message;
  return { faults, message };
}
