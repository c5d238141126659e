/** The order spoken in Chinese, at three speeds, to play and to download. */

import { h, icon } from "./elements.js";

export function player(order, say) {
  const voices = [...order.voices].sort((one, other) => one.rate - other.rate);
  const audio = h("audio", { controls: true, preload: "metadata", "aria-label": say("listen") });
  const save = h("a", { class: "button full", download: true });
  save.append(icon("download"), say("download"));

  function choose(voice) {
    const wasPlaying = !audio.paused;
    audio.src = save.href = voice.url;
    if (wasPlaying) audio.play();
  }

  const speeds = voices.map((voice) =>
    h(
      "label",
      {},
      h("input", {
        type: "radio",
        name: "speed",
        value: voice.rate,
        checked: voice.rate === 1,
        onchange: () => choose(voice),
      }),
      h("span", {}, `${voice.rate.toFixed(1)}×`),
    ),
  );
  choose(voices.find(({ rate }) => rate === 1) ?? voices[0]);
  return h(
    "section",
    { class: "card stack", "aria-labelledby": "voice" },
    h("h2", { id: "voice" }, say("listen")),
    audio,
    h("fieldset", {}, h("legend", { class: "unseen" }, say("speed")), h("div", { class: "speeds" }, speeds)),
    save,
  );
}
