/** Follows an order: its events as they come, and questions where no events come through. */

import { API_BASE_URL, startPollingOrderStatus } from "./polling.js";

/** Milliseconds without an event after which something in between may hold them back. */
const SILENCE = 15000;

/** As `startPollingOrderStatus`: the same handlers, and a function that stops it. */
export function followOrder(orderId, handlers) {
  const events = new EventSource(
    `${API_BASE_URL}/api/orders/${encodeURIComponent(orderId)}/events`,
  );
  let silence = 0;
  let stopPolling = () => {};

  function leave() {
    events.close();
    clearTimeout(silence);
  }

  function poll() {
    leave();
    stopPolling = startPollingOrderStatus(orderId, handlers);
  }

  function listen() {
    clearTimeout(silence);
    silence = setTimeout(poll, SILENCE);
  }

  events.addEventListener("status", (event) => {
    const order = JSON.parse(event.data);
    if (order.processing) {
      listen();
      handlers.onProgress(order);
    } else {
      leave();
      handlers.onResult(order);
    }
  });
  events.addEventListener("error", poll, { once: true });
  listen();
  return () => {
    leave();
    stopPolling();
  };
}
