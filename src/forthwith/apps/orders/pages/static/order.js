/** An order that was sent: its progress, then number, summaries and voice, as they come. */

import { cancelOrder, retryOrder } from "./calls.js";
import { button, h, icon } from "./elements.js";
import { followOrder } from "./following.js";
import { player } from "./player.js";
import { checkOrderStatus } from "./polling.js";

/** Milliseconds between two looks at a finished order: whether the counter took it. */
const COUNTER_INTERVAL = 15000;

export function orderView({ id, say, go, line, known, remember }) {
  const heading = h("h1", { tabindex: -1 }, say("waiting"));
  const stage = h("p", { "aria-live": "polite" });
  const slots = Object.fromEntries(
    ["drawing", "ticket", "action", "summary"].map((name) => [name, h("div")]),
  );
  const voice = player(say);
  const progress = h("progress", { max: 1, value: 0.02, "aria-label": say("waiting") });
  const view = h(
    "div",
    { class: "stack" },
    h("div", { class: "centre" }, slots.drawing, heading, stage, progress),
    slots.ticket,
    slots.action,
    voice.view,
    slots.summary,
  );
  const shown = {};
  let timer = 0;
  let stop = () => {};

  /** Fill a slot when what it is made of has changed. */
  function fill(name, made, about) {
    const key = JSON.stringify(about);
    if (shown[name] === key) return;
    shown[name] = key;
    slots[name].hidden = made === null;
    slots[name].replaceChildren(...(made === null ? [] : [made()].flat()));
  }

  function show(order) {
    remember(order);
    const face = FACES[faceOf(order)];
    heading.textContent = say(face.title);
    stage.textContent = words(order, face);
    stage.className = face.mood;
    progress.hidden = !order.processing;
    progress.value = Math.max(order.progress, 0.02);
    fill("drawing", () => drawing(face), face);
    fill("ticket", order.number ? () => ticket(order) : null, order.number);
    fill("action", () => actions(order), [order.status, order.can_cancel, order.can_retry]);
    voice.show(order.voices);
    fill("summary", order.summary_ready ? () => summaries(order) : null, order.summary);
  }

  function words(order, face) {
    if (order.processing) return order.stage.text;
    return face.help ? say(face.help) : "";
  }

  function ticket(order) {
    return h("div", { class: "card ticket" }, say("number"), h("strong", {}, order.number));
  }

  function actions(order) {
    if (order.status === "completed") {
      return h("div", { class: "stack" }, showCounter(), again());
    }
    return h(
      "div",
      { class: "stack" },
      order.error ? h("p", { class: "soft middle reason", lang: "en" }, order.error.message) : null,
      order.can_retry ? button(say("again"), retry, { class: "primary full" }) : null,
      order.processing ? h("p", { class: "soft middle" }, say("waitingHelp")) : null,
      order.can_cancel ? button(say("cancel"), cancel, { class: "quiet full" }) : null,
      order.processing ? null : again(),
    );
  }

  const showCounter = () =>
    button(say("showCounter"), () => go(`#show/${id}`), { class: "primary full" });
  const again = () =>
    button(say(line.isInLine ? "close" : "newOrder"), () => (line.isInLine ? line.close() : go("")), {
      class: "full",
    });

  function summaries(order) {
    const isChinese = order.language === "zh-TW";
    return h(
      "div",
      { class: "stack" },
      block(say("forCounter"), order.summary.chinese, { class: "lines chinese", lang: "zh-TW" }),
      isChinese ? null : block(say("forYou"), order.summary.translated, { class: "lines" }),
    );
  }

  const block = (title, text, attributes) =>
    h("section", { class: "card stack" }, h("h2", {}, title), h("p", attributes, text));

  async function cancel() {
    stop();
    await cancelOrder(id).catch(() => {});
    follow();
  }

  async function retry() {
    stop();
    await retryOrder(id).catch(() => {});
    follow();
  }

  function ended(order) {
    show(order);
    document.title = heading.textContent;
    if (order.status === "completed" && order.counter !== "done") {
      timer = setTimeout(lookAgain, COUNTER_INTERVAL);
    }
  }

  async function lookAgain() {
    const order = document.hidden ? null : await checkOrderStatus(id).catch(() => null);
    if (order && view.isConnected) ended(order);
    else if (view.isConnected) timer = setTimeout(lookAgain, COUNTER_INTERVAL);
  }

  function late() {
    heading.textContent = say("slow");
    stage.textContent = say("slowHelp");
    fill("action", () => button(say("again"), follow, { class: "primary full" }), "late");
  }

  function unknown() {
    heading.textContent = say("unknownOrder");
    progress.hidden = true;
    fill("action", again, "unknown");
  }

  function follow() {
    heading.textContent = say("waiting");
    clearTimeout(timer);
    stop();
    stop = followOrder(id, {
      onProgress: show,
      onResult: ended,
      onTimeout: late,
      onError: unknown,
    });
  }

  fill("drawing", () => drawing(FACES.waiting), FACES.waiting);
  if (known) show(known);
  follow();
  const leave = () => {
    clearTimeout(timer);
    stop();
  };
  return { view, title: say("waiting"), leave };
}

const FACES = {
  waiting: { title: "waiting", drawing: "bowl" },
  completed: { title: "done", drawing: "check", mood: "soft" },
  accepted: { title: "accepted", drawing: "check", mood: "good" },
  done: { title: "served", drawing: "bell", mood: "good" },
  failed: { title: "failed", help: "failedHelp", drawing: "cross", mood: "bad" },
  cancelled: { title: "cancelled", drawing: "cross", mood: "soft" },
};

function faceOf(order) {
  if (order.processing) return "waiting";
  if (order.status === "completed" && order.counter !== "new") return order.counter;
  return order.status;
}

const drawing = (face) => h("span", { class: `mark ${face.drawing}` }, icon(face.drawing));
