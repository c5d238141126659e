/** LINE's LIFF where the page runs inside LINE, and a stand-in everywhere else. */

const SDK = "https://static.line-scdn.net/liff/edge/2/sdk.js";
const PATIENCE = 5000; // milliseconds
const OUTSIDE = { isInLine: false, idToken: () => null, close: () => {} };

function runsInLine() {
  return /\bLine\//i.test(navigator.userAgent) || /[?&]liff\./.test(location.search);
}

function loaded(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: source, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

async function started(liffId) {
  await loaded(SDK);
  await window.liff.init({ liffId });
  if (!window.liff.isLoggedIn()) window.liff.login({ redirectUri: location.href });
  return {
    isInLine: window.liff.isInClient(),
    idToken: () => window.liff.getIDToken(),
    close: () => window.liff.closeWindow(),
  };
}

/** Who the guest is in LINE, if anybody; nobody waits longer than this for LINE's answer. */
export async function openLine(liffId) {
  if (!liffId || !runsInLine()) return OUTSIDE;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, OUTSIDE));
  return Promise.race([late, started(liffId).catch(() => OUTSIDE)]);
}
