/**
 * The polling client: asks how an order stands, every two seconds, at most thirty times.
 * One file without imports, so that another page can use it as it is.
 */

/** Where the API is, such as "https://orders.example"; empty for the server of this page. */
export const API_BASE_URL = "";
/** Milliseconds between two questions. */
export const POLLING_INTERVAL = 2000;
/** After so many questions, a minute, the guest is offered to try again. */
export const MAX_POLLING_ATTEMPTS = 30;

/** How an order stands: `status`, `processing`, `progress`, `voice_url`, `summary` and more. */
export async function checkOrderStatus(orderId) {
  const url = `${API_BASE_URL}/api/orders/status/${encodeURIComponent(orderId)}`;
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    throw Object.assign(new Error(`The status answered ${answer.status}`), { status: answer.status });
  }
  return answer.json();
}

/**
 * Ask until the order is no longer processed; returns a function that stops it.
 * `onProgress` and `onResult` get the status, `onTimeout` nothing, `onError` an unknown order.
 * A question without an answer counts as one; while the browser is offline none is asked.
 */
export function startPollingOrderStatus(orderId, { onProgress, onResult, onTimeout, onError } = {}) {
  let attempts = 0;
  let timer = 0;
  let stopped = false;

  async function ask() {
    if (!navigator.onLine) {
      window.addEventListener("online", ask, { once: true });
      return;
    }
    attempts += 1;
    try {
      const order = await checkOrderStatus(orderId);
      if (stopped) return;
      if (!order.processing) {
        onResult?.(order);
        return;
      }
      onProgress?.(order);
    } catch (error) {
      if (stopped) return;
      if (error.status === 404) {
        onError?.(error);
        return;
      }
    }
    if (attempts >= MAX_POLLING_ATTEMPTS) {
      onTimeout?.();
      return;
    }
    timer = setTimeout(ask, POLLING_INTERVAL);
  }

  ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
    window.removeEventListener("online", ask);
  };
}
