/** The order spoken in Chinese, at three speeds, to play and to download. */

import { h, icon } from "./elements.js";

/** A player; `show` gives it the voices there are by now, and stops none that plays. */
export function player(say) {
  const audio = h("audio", { controls: true, preload: "metadata", "aria-label": say("listen") });
  const save = h("a", { class: "button full", download: true });
  save.append(icon("download"), say("download"));
  const speeds = h("div", { class: "speeds" });
  const view = h(
    "section",
    { class: "card stack", "aria-labelledby": "voice", hidden: true },
    h("h2", { id: "voice" }, say("listen")),
    audio,
    h("fieldset", {}, h("legend", { class: "unseen" }, say("speed")), speeds),
    save,
  );

  function choose(voice) {
    const wasPlaying = !audio.paused;
    audio.src = save.href = voice.url;
    if (wasPlaying) audio.play();
  }

  function speed(voice) {
    const attributes = { type: "radio", name: "speed", value: voice.rate };
    const field = h("input", { ...attributes, checked: voice.rate === 1 });
    field.addEventListener("change", () => choose(voice));
    return h("label", {}, field, h("span", {}, `${voice.rate.toFixed(1)}×`));
  }

  function show(voices) {
    const known = new Set([...speeds.querySelectorAll("input")].map(({ value }) => Number(value)));
    for (const voice of voices.filter(({ rate }) => !known.has(rate))) {
      if (!audio.src) choose(voice);
      const next = [...speeds.children].find((label) => rateOf(label) > voice.rate);
      speeds.insertBefore(speed(voice), next ?? null);
    }
    view.hidden = voices.length === 0;
  }

  return { view, show };
}

const rateOf = (label) => Number(label.querySelector("input").value);
