/** The counter: the orders of a shop as they come, in large Chinese, to accept and to finish. */

import { button, h, icon } from "./elements.js";
import { ask, listen } from "./session.js";
import { begin, language, say } from "./staff.js";
import { arrange, placeOf, renew, ticketOf } from "./tickets.js";

/** Milliseconds before the next try to connect: at first, and at most. */
const [SOON, LATE] = [1000, 15000];
/** Milliseconds after connecting in which nothing told is news. */
const SETTLING = 1500;
const KEPT_SHOP = "forthwith.counter-shop";
const OPEN = ["new", "accepted"];

const main = document.querySelector("main");
const state = h("p", { class: "soft", role: "status" });
const news = h("p", { class: "unseen", role: "status" });
const problem = h("p", { class: "bad", role: "alert" });
const voice = h("audio");
const lists = Object.fromEntries(
  [...OPEN, "done"].map((name) => [name, h("ul", { class: "tickets" })]),
);
const orders = new Map();
const tickets = new Map();
let sound = null;
let openedAt = 0;
let connection = new AbortController();

async function start() {
  const { items: shops } = await ask("GET", "/api/v1/orders/shops");
  if (!shops.length) {
    main.replaceChildren(h("p", {}, say("noShop")), h("a", { href: "/counter/shops" }, say("addShop")));
    return;
  }
  const kept = shops.find(({ slug }) => slug === localStorage.getItem(KEPT_SHOP)) ?? shops[0];
  main.replaceChildren(
    h("h1", {}, say("counter")),
    h("div", { class: "row tools" }, shopChoice(shops, kept), soundButton(), state),
    problem,
    news,
    ...OPEN.map((name) => listOf(name)),
    h("details", {}, h("summary", {}, h("h2", {}, say("done"))), lists.done),
  );
  follow(kept);
}

function shopChoice(shops, kept) {
  const options = shops.map(({ slug, names }) =>
    h("option", { value: slug, selected: slug === kept.slug }, nameOf(names)),
  );
  const choice = h("select", {}, options);
  choice.addEventListener("change", () => {
    localStorage.setItem(KEPT_SHOP, choice.value);
    follow(shops.find(({ slug }) => slug === choice.value));
  });
  return h("label", { class: "wide" }, h("span", { class: "unseen" }, say("shop")), choice);
}

const nameOf = (names) => names[language] ?? Object.values(names).find(Boolean);

/** A browser plays no sound before somebody has tapped. */
function soundButton() {
  const toggle = button([icon("bell"), say("soundOn")], () => {
    sound?.close();
    sound = sound ? null : new AudioContext();
    toggle.setAttribute("aria-pressed", String(Boolean(sound)));
    toggle.replaceChildren(icon("bell"), say(sound ? "soundOff" : "soundOn"));
    if (sound) chime();
  }, { "aria-pressed": "false" });
  return toggle;
}

function chime() {
  [660, 880].forEach((pitch, place) => {
    const tone = sound.createOscillator();
    const loudness = sound.createGain();
    const at = sound.currentTime + place * 0.18;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.25, at);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
    tone.connect(loudness).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.4);
  });
}

function listOf(name) {
  return h("section", { "aria-labelledby": name }, h("h2", { id: name }, say(name)), lists[name]);
}

/** Stay connected to a shop; what is open is told again after each break. */
async function follow(shop) {
  connection.abort();
  const { signal } = (connection = new AbortController());
  let pause = SOON;
  while (!signal.aborted) {
    await listen(`/api/v1/orders/shops/${shop.slug}/live`, {
      signal,
      onOpen: () => {
        pause = SOON;
        orders.clear();
        state.textContent = say("live");
        openedAt = Date.now();
        show();
      },
      onEvent: take,
    }).catch(() => {});
    if (signal.aborted) return;
    state.textContent = say("offline");
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, LATE);
  }
}

function take(order) {
  const isNew = !orders.has(order.order_id) && Date.now() - openedAt > SETTLING;
  orders.set(order.order_id, order);
  show();
  if (!isNew) return;
  news.textContent = say("arrived", { number: order.number ?? "" });
  if (sound) chime();
}

function show() {
  const all = [...orders.values()].sort((one, other) =>
    one.created_at.localeCompare(other.created_at),
  );
  for (const [name, list] of Object.entries(lists)) {
    const present = all.filter((order) => placeOf(order) === name).map(shown);
    arrange(list, present.length ? present : [h("li", { class: "soft" }, say("none"))]);
  }
}

/** The ticket of an order, the same one through all its changes. */
function shown(order) {
  const ticket = ticketOf(order, { act, play });
  const kept = tickets.get(order.order_id);
  if (kept) renew(kept, ticket);
  else tickets.set(order.order_id, ticket);
  return kept ?? ticket;
}

async function act(id, verb) {
  problem.textContent = "";
  try {
    take(await ask("POST", `/api/v1/orders/${id}/${verb}`));
  } catch (error) {
    problem.textContent = say("tryAgain", { reason: error.message });
  }
}

function play(id) {
  const { voices } = orders.get(id);
  voice.src = (voices.find(({ rate }) => rate === 1) ?? voices[0]).url;
  voice.play();
}

begin("/counter", start);
