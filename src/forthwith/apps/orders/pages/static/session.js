/** The staff's session: a short access token in this page, renewed by a cookie no script reads. */

import { call, Problem } from "./calls.js";

/** Milliseconds before the token ends at which another is taken. */
const EARLY = 60000;

let renewal = null;
let renewsAt = 0;

async function renewed() {
  const given = await call("POST", "/counter/session");
  renewsAt = Date.now() + given.expires_in * 1000 - EARLY;
  return given.access_token;
}

/** The token; whoever has no session is sent to sign in. */
async function token() {
  if (!renewal || Date.now() > renewsAt) renewal = renewed();
  try {
    return await renewal;
  } catch (error) {
    renewal = null;
    if (error.status !== 401) throw error;
    location.replace(`/counter/sign-in?next=${location.pathname}`);
    return new Promise(() => {}); // the page is left
  }
}

/** Do something with the token, and once more with another where the session still lives. */
async function withToken(use) {
  try {
    return await use({ Authorization: `Bearer ${await token()}` });
  } catch (error) {
    if (error.status !== 401) throw error;
    renewal = null;
    return use({ Authorization: `Bearer ${await token()}` });
  }
}

export const ask = (method, path, { body } = {}) =>
  withToken((headers) => call(method, path, { body, headers }));

export const askWith = (method, path, body) => ask(method, path, { body: JSON.stringify(body) });

export async function signOut() {
  await ask("POST", "/counter/sign-out").catch(() => {});
  location.replace("/counter/sign-in");
}

async function openStream(path, signal, headers) {
  const answer = await fetch(path, { signal, headers: { Accept: "text/event-stream", ...headers } });
  if (!answer.ok) throw new Problem(answer.status, answer.statusText);
  return answer.body.pipeThrough(new TextDecoderStream()).getReader();
}

/** Server-sent events, which EventSource cannot ask for with a token; resolves when they end. */
export async function listen(path, { onOpen, onEvent, signal }) {
  const reader = await withToken((headers) => openStream(path, signal, headers));
  onOpen();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (rest + part.value).split("\n\n");
    rest = blocks.pop();
    for (const data of blocks.map(dataOf).filter(Boolean)) onEvent(JSON.parse(data));
  }
}

function dataOf(block) {
  const line = block.split("\n").find((each) => each.startsWith("data: "));
  return line?.slice("data: ".length);
}
