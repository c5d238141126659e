/** Signing in: with a link that was printed for this, or with an address and a password. */

import { call } from "./calls.js";
import { h } from "./elements.js";
import { language, languageButton, say } from "./staff.js";

const NEXT = ["/counter", "/counter/shops"];
const problem = h("p", { class: "bad", role: "alert" });

const send = (path, body) => call("POST", `/counter/${path}`, { body: JSON.stringify(body) });

function enter() {
  const wanted = new URLSearchParams(location.search).get("next");
  location.replace(NEXT.includes(wanted) ? wanted : NEXT[0]);
}

async function signIn(event) {
  event.preventDefault();
  const form = event.target;
  try {
    await send("sign-in", Object.fromEntries(new FormData(form)));
    enter();
  } catch (error) {
    problem.textContent = say("wrong", { reason: error.message });
    form.elements.password.focus();
  }
}

function draw() {
  document.documentElement.lang = language;
  document.title = say("signIn");
  document.querySelector("header").append(languageButton(language === "en" ? "zh-TW" : "en"));
  document.querySelector("main").replaceChildren(
    h("h1", {}, say("signIn")),
    h(
      "form",
      { class: "card stack", onsubmit: signIn },
      field("email", { type: "email", autocomplete: "username", required: true }),
      field("password", { type: "password", autocomplete: "current-password", required: true }),
      problem,
      h("button", { class: "primary full" }, say("signIn")),
    ),
    h("p", { class: "soft" }, say("signInHelp")),
  );
}

const field = (name, attributes) => h("label", {}, say(name), h("input", { name, ...attributes }));

/** A link opened once more leads in as long as its session lives. */
async function start() {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  try {
    await call("POST", "/counter/session");
    return enter();
  } catch {
    draw();
  }
  if (!token) return undefined;
  return send("sign-in/link", { token }).then(enter, () => (problem.textContent = say("linkUsed")));
}

start();
