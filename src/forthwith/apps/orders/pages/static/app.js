/** The ordering page of a shop: menu, cart, and the order, each with an address of its own. */

import { basketView } from "./basket.js";
import { readShop } from "./calls.js";
import { Cart, Menu } from "./cart.js";
import { button, h } from "./elements.js";
import { openLine } from "./line.js";
import { menuView } from "./menu.js";
import { orderView } from "./order.js";
import { checkOrderStatus } from "./polling.js";
import { showingView } from "./showing.js";
import { LANGUAGES, languageOfPhone, speaker } from "./texts.js";

const KEPT_LANGUAGE = "forthwith.language";
const main = document.querySelector("main");
const languages = document.querySelector("#language");
const offline = document.querySelector("#offline");

const slug = slugOf(location);
const cart = new Cart(slug ?? "");
let language = sessionStorage.getItem(KEPT_LANGUAGE) ?? languageOfPhone();
let say = speaker(language);
let menu = null;
let line = null;
let order = null;
let leave = () => {};

/** `/liff/orders/lin-noodles`, `/liff/orders?shop=lin-noodles`, or as LINE hands it on. */
function slugOf({ pathname, search }) {
  const asked = new URLSearchParams(search);
  const path = (asked.get("liff.state") ?? pathname).split("?")[0];
  const [last] = path.split("/").filter(Boolean).slice(-1);
  return asked.get("shop") ?? (last === "orders" ? undefined : last);
}

function go(hash, { replace = false } = {}) {
  const url = location.pathname + location.search + hash;
  if (replace) history.replaceState(null, "", url);
  else if (hash !== location.hash) history.pushState(null, "", url);
  show();
}

async function show() {
  if (!menu) return;
  const [, place, id] = /^#(\w+)(?:\/([\w-]+))?/.exec(location.hash) ?? [];
  if (place === "order") put(orderView({ id, say, go, line, known: known(id), remember }));
  else if (place === "show") await showCounter(id);
  else if (place === "cart") showBasket();
  else put(menuView({ menu, cart, language, say, go }));
}

function showBasket(refusal) {
  put(basketView({ menu, cart, language, say, go, line: line.ready, reload, refusal }));
}

async function showCounter(id) {
  order = known(id) ?? (await checkOrderStatus(id).catch(() => null));
  if (order?.summary) put(showingView({ order, say, back: () => history.back() }));
  else go(`#order/${id}`, { replace: true });
}

const known = (id) => (order?.order_id === id ? order : null);
const remember = (newest) => (order = newest);

function put(page) {
  leave();
  leave = page.leave ?? (() => {});
  main.replaceChildren(page.view);
  document.title = page.title;
  scrollTo(0, 0);
  main.querySelector("h1")?.focus({ preventScroll: true });
}

/** Read the menu again after the shop refused an order by an older one. */
async function reload(refusal) {
  menu = new Menu(await readShop(slug, language));
  showBasket(refusal);
}

function dress() {
  document.documentElement.lang = language;
  document.querySelector("label[for=language]").textContent = say("language");
  offline.textContent = say("offline");
  languages.value = language;
}

async function load() {
  dress();
  if (!slug) {
    trouble("noShop", "noShopHelp");
    return;
  }
  try {
    menu = new Menu(await readShop(slug, language));
  } catch (error) {
    trouble(error.status === 404 ? "noShop" : "loadFailed", error.status === 404 ? "noShopHelp" : null);
    return;
  }
  line ??= lineOf(menu.liff_id);
  await show();
}

/** LINE as far as it is there by now, and a promise of all of it. */
function lineOf(liffId) {
  const ready = openLine(liffId);
  const now = { isInLine: false, close: () => {}, ready };
  ready.then((opened) => Object.assign(now, opened));
  return now;
}

function trouble(title, help) {
  const again = button(say("again"), load, { class: "primary" });
  const view = h("div", { class: "centre" }, h("h1", { tabindex: -1 }, say(title)));
  view.append(help ? h("p", { class: "soft" }, say(help)) : again);
  put({ view, title: say(title) });
}

for (const [code, name] of Object.entries(LANGUAGES)) {
  languages.append(h("option", { value: code, lang: code }, name));
}
languages.addEventListener("change", () => {
  language = languages.value;
  sessionStorage.setItem(KEPT_LANGUAGE, language);
  say = speaker(language);
  load();
});
addEventListener("popstate", show);
for (const change of ["online", "offline"]) {
  addEventListener(change, () => (offline.hidden = navigator.onLine));
}
offline.hidden = navigator.onLine;
const table = new URLSearchParams(location.search).get("table");
if (table && !cart.words.table) cart.say("table", table);
load();
