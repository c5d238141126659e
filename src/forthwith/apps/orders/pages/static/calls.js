/** Calls of the API: answers come without their envelope, problems are thrown. */

/** A call that failed; `status` is 0 when there was no answer at all. */
export class Problem extends Error {
  constructor(status, message, faults = []) {
    super(message);
    this.status = status;
    this.faults = faults;
  }
}

export async function call(method, path, { body, headers = {} } = {}) {
  const isJson = typeof body === "string";
  const type = isJson ? { "Content-Type": "application/json" } : {};
  let answer;
  try {
    answer = await fetch(path, { method, body, headers: { ...type, ...headers } });
  } catch (error) {
    throw new Problem(0, error.message);
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, told.message ?? answer.statusText, told.errors);
  return told.data;
}

const ORDERS = "/api/v1/orders";

export const readShop = (slug, language) =>
  call("GET", `${ORDERS}/shops/${encodeURIComponent(slug)}?language=${language}`);

/** The same key with the same body is one order, however often it is sent. */
export const placeOrder = (body, key) =>
  call("POST", `${ORDERS}/quick`, { body, headers: { "Idempotency-Key": key } });

export const cancelOrder = (id) => call("POST", `${ORDERS}/${encodeURIComponent(id)}/cancel`);
export const retryOrder = (id) => call("POST", `${ORDERS}/${encodeURIComponent(id)}/retry`);
