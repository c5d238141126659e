/** The order in large Chinese letters, to hold out over the counter; the screen stays awake. */

import { button, h, icon } from "./elements.js";

export function showingView({ order, say, back }) {
  const lock = navigator.wakeLock?.request("screen").catch(() => null);
  const view = h(
    "div",
    { class: "stack" },
    h("div", {}, button([icon("back"), say("close")], back, { class: "quiet back" })),
    h("h1", { class: "unseen", tabindex: -1 }, say("forCounter")),
    h(
      "div",
      { class: "card big", lang: "zh-TW" },
      h("strong", {}, order.number),
      h("p", { class: "lines" }, order.summary.chinese),
    ),
  );
  const leave = async () => (await lock)?.release();
  return { view, title: say("forCounter"), leave };
}
