/** An order as a ticket at the counter, and tickets in a list that changes under the hand. */

import { button, h, icon } from "./elements.js";
import { language, say } from "./staff.js";
import { LANGUAGES } from "./texts.js";

/** Also what was cancelled leaves the counter. */
export const placeOf = (order) => (order.status === "cancelled" ? "done" : order.counter);

/** A ticket; `act` accepts an order or ends it, `play` lets its voice be heard. */
export function ticketOf(order, { act, play }) {
  const at = new Date(order.created_at);
  const time = at.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  const who = [order.table && say("table", { table: order.table }), order.guest_name, LANGUAGES[order.language]];
  return h(
    "li",
    { class: `card stack ${placeOf(order)}`, "data-order": order.order_id },
    h(
      "div",
      { class: "row" },
      h("strong", { class: "number wide" }, order.number ?? "…"),
      h("time", { class: "soft", datetime: order.created_at }, time),
      h("span", { class: "chip" }, say(stateOf(order))),
    ),
    h("p", { class: "soft" }, who.filter(Boolean).join(" · ")),
    h("ul", { class: "lines", lang: "zh-TW" }, order.items.map(orderLine)),
    order.note ? h("p", { class: "note" }, order.note) : null,
    order.error ? h("p", { class: "bad" }, order.error.message) : null,
    h(
      "p",
      { class: "row" },
      h("b", { class: "wide" }, order.total_text),
      order.verified ? null : h("span", { class: "chip" }, say("unverified")),
    ),
    h("div", { class: "row" }, actionOf(order, act), replay(order, play)),
  );
}

const stateOf = (order) =>
  ["cancelled", "failed"].includes(order.status) ? order.status : order.counter;

function orderLine({ chinese, name, options, quantity }) {
  return h(
    "li",
    { class: "row" },
    h("span", { class: "wide" }, chinese || name, options.length ? `（${options.join("、")}）` : ""),
    h("b", {}, `× ${quantity}`),
  );
}

function actionOf(order, act) {
  const place = placeOf(order);
  if (place === "done") return null;
  const [verb, word] = place === "new" ? ["accept", "accept"] : ["done", "finish"];
  const attributes = { class: "primary wide", "data-verb": verb };
  return button([icon("check"), say(word)], () => act(order.order_id, verb), attributes);
}

function replay(order, play) {
  if (!order.voices.length) return null;
  const label = `${say("play")} ${order.number ?? ""}`;
  return button(icon("speaker"), () => play(order.order_id), { "aria-label": label });
}

/** Bring a list in order and move nothing that stays: somebody may be about to tap it. */
export function arrange(list, views) {
  const wanted = new Set(views);
  [...list.children].filter((each) => !wanted.has(each)).forEach((each) => each.remove());
  views.forEach((view, place) => {
    const there = list.children[place] ?? null;
    if (there !== view) list.insertBefore(view, there);
  });
}

/** Make a node like another, and leave alone what is like it already: it may be being tapped. */
export function renew(node, like) {
  if (node.isEqualNode(like)) return;
  if (node.nodeType !== Node.ELEMENT_NODE || !isSame(node, like)) {
    node.replaceWith(like);
    return;
  }
  node.className = like.className;
  const parts = [...like.childNodes];
  [...node.childNodes].slice(parts.length).forEach((each) => each.remove());
  parts.forEach((part, place) => {
    const there = node.childNodes[place];
    if (there) renew(there, part);
    else node.append(part);
  });
}

/** Whether two elements are one but for their looks and what they hold. */
function isSame(one, other) {
  const attributes = [...(other.attributes ?? [])].filter(({ name }) => name !== "class");
  return (
    one.nodeName === other.nodeName &&
    attributes.every(({ name, value }) => one.getAttribute(name) === value)
  );
}
