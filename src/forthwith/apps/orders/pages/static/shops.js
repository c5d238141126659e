/** Shops and their menus: opened and closed, edited, drafted from a photo. */

import { namesEditor, menuEditor } from "./editor.js";
import { button, h } from "./elements.js";
import { ask, askWith } from "./session.js";
import { begin, language, say } from "./staff.js";

const SHOPS = "/api/v1/orders/shops";
/** Milliseconds between two looks at the reading of a photo. */
const POLLING = 1500;

const main = document.querySelector("main");
const nameOf = (names) => names[language] ?? Object.values(names).find(Boolean);

async function showShops() {
  const { items } = await ask("GET", SHOPS);
  main.replaceChildren(
    h("h1", {}, say("shops")),
    h("ul", { class: "stack" }, items.map(shopCard)),
    h("details", { class: "card", open: !items.length }, h("summary", {}, h("h2", {}, say("addShop"))), newShop()),
  );
}

function shopCard(shop) {
  const problem = h("p", { class: "bad", role: "alert" });
  const isOpen = h("input", { type: "checkbox", role: "switch", checked: shop.is_open });
  const state = h("span", {}, say(shop.is_open ? "open" : "closed"));
  isOpen.addEventListener("change", () =>
    attempt(problem, async () => {
      const changed = await askWith("PATCH", `${SHOPS}/${shop.slug}`, { is_open: isOpen.checked });
      state.textContent = say(changed.is_open ? "open" : "closed");
    }),
  );
  const page = `/liff/orders/${shop.slug}`;
  return h(
    "li",
    { class: "card stack", "data-shop": shop.slug },
    h("h2", {}, nameOf(shop.names)),
    h("label", { class: "option" }, isOpen, state),
    problem,
    h(
      "div",
      { class: "row" },
      button(say("editMenu"), () => attempt(problem, () => editMenu(shop.slug)), { class: "primary" }),
      h("a", { class: "button", href: page, target: "_blank", rel: "noopener" }, say("orderPage")),
    ),
  );
}

function newShop() {
  const names = namesEditor({});
  const problem = h("p", { class: "bad", role: "alert" });
  const slug = { name: "slug", pattern: "[a-z0-9][a-z0-9\\-]{1,62}", required: true };
  const currency = { name: "currency", pattern: "[A-Z]{3}", value: "TWD", required: true };
  const form = h(
    "form",
    { class: "stack" },
    h("label", {}, say("slug"), h("input", slug)),
    names.view,
    h("label", { class: "short" }, say("currency"), h("input", currency)),
    problem,
    h("button", { class: "primary" }, say("create")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = { ...Object.fromEntries(new FormData(form)), names: names.value() };
    attempt(problem, async () => {
      await askWith("POST", SHOPS, wanted);
      await editMenu(wanted.slug);
    });
  });
  return form;
}

async function editMenu(slug, draft) {
  const shop = await ask("GET", `${SHOPS}/${slug}/menu`);
  const names = namesEditor(shop.names, say("shop"));
  const menu = menuEditor(draft?.sections ?? shop.sections, draft?.unsure);
  const said = h("p", { role: "status" });
  const problem = h("p", { class: "bad", role: "alert" });
  const form = h(
    "form",
    { class: "stack wide", novalidate: true },
    h("div", { class: "card" }, names.view),
    menu.view,
    problem,
    said,
    h("div", { class: "bar" }, h("button", { class: "primary full middle" }, say("save"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    said.textContent = "";
    attempt(problem, () => save(shop, names.value(), menu.value(), said), menu);
  });
  main.replaceChildren(
    h("h1", {}, nameOf(shop.names)),
    draft ? h("p", { class: "banner", role: "status" }, say("draft")) : photoField(slug),
    h("div", { class: "beside" }, draft ? photoOf(draft.photo) : null, form),
  );
}

async function save(shop, names, sections, said) {
  const body = { sections, version: shop.version };
  const kept = await askWith("PUT", `${SHOPS}/${shop.slug}/menu`, body);
  const renamed = await askWith("PATCH", `${SHOPS}/${shop.slug}`, { names });
  shop.version = renamed.version ?? kept.version;
  said.textContent = say("saved");
}

/** Do it, and say what did not work; `menu` shows the field that it is about. */
async function attempt(problem, act, menu) {
  problem.textContent = "";
  main.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  try {
    await act();
  } catch (error) {
    const [fault] = error.faults ?? [];
    const reason = fault ? `${error.message} ${fault.detail}` : error.message;
    problem.textContent = error.status === 409 && menu ? say("stale") : say("tryAgain", { reason });
    if (fault && menu) point(menu, fault.pointer);
  }
}

/** `#/sections/0/items/2/price` is a field that may be folded away. */
function point(menu, pointer) {
  const [, first, ...path] = pointer.split("/");
  const field = first === "sections" ? menu.at(path) : null;
  for (let each = field; each; each = each.parentElement) {
    if (each.tagName === "DETAILS") each.open = true;
  }
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

function photoField(slug) {
  const said = h("p", { role: "status" });
  const problem = h("p", { class: "bad", role: "alert" });
  const input = h("input", { type: "file", accept: "image/*" });
  input.addEventListener("change", () => {
    said.textContent = say("reading");
    attempt(problem, () => draftFrom(slug, input.files[0])).finally(() => (said.textContent = ""));
  });
  return h("div", { class: "card stack" }, h("label", {}, say("photo"), input), said, problem);
}

async function draftFrom(slug, photo) {
  const body = new FormData();
  body.append("photo", photo);
  const taken = await ask("POST", `${SHOPS}/${slug}/menu/draft`, { body });
  let run = await ask("GET", taken.polling_url);
  while (["queued", "running"].includes(run.status)) {
    await new Promise((resolve) => setTimeout(resolve, POLLING));
    run = await ask("GET", taken.polling_url);
  }
  if (run.status !== "succeeded") throw new Error(run.error?.message ?? run.status);
  const { sections, unsure } = run.result;
  await editMenu(slug, { sections, unsure: new Set(unsure.map(({ id }) => id)), photo });
}

function photoOf(photo) {
  const source = URL.createObjectURL(photo);
  return h("img", { class: "photo", src: source, alt: say("photoOf") });
}

begin("/counter/shops", showShops);
