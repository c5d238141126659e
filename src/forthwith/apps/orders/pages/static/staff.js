/** What the pages of the shop say, in Chinese and in English, and the frame around them. */

import { button, h } from "./elements.js";
import { signOut } from "./session.js";

const TEXTS = {
  "zh-TW": {
    counter: "櫃台",
    shops: "店家與菜單",
    signIn: "登入",
    signOut: "登出",
    email: "電子郵件",
    password: "密碼",
    signInHelp: "第一次使用？請開啟啟動 Forthwith 時印出的登入連結。",
    linkUsed: "這個登入連結已用過或過期。重新啟動 Forthwith 會印出新的連結。",
    wrong: "無法登入：{reason}",
    offline: "連線中斷，正在重新連線…",
    live: "即時更新中",
    soundOn: "開啟新訂單提示音",
    soundOff: "提示音已開啟",
    shop: "店家",
    new: "新訂單",
    accepted: "已接單",
    done: "已完成",
    cancelled: "已取消",
    failed: "語音失敗",
    none: "目前沒有訂單。",
    noShop: "還沒有店家，請先新增。",
    accept: "接單",
    finish: "完成",
    play: "播放語音",
    table: "{table} 桌",
    unverified: "價格未核對",
    arrived: "新訂單 {number}",
    tryAgain: "沒有成功：{reason}",
    again: "再試一次",
    open: "營業中",
    closed: "休息中",
    editMenu: "編輯菜單",
    orderPage: "點餐頁",
    addShop: "新增店家",
    slug: "網址代號（小寫英文、數字、-）",
    currency: "幣別",
    create: "建立",
    name: "名稱",
    inLanguage: "{name}（{language}）",
    sections: "分類",
    items: "餐點",
    choices: "選擇",
    options: "選項",
    price: "價格",
    unit: "單位",
    is_available: "供應中",
    least: "至少選",
    most: "最多選",
    add: "新增{what}",
    remove: "刪除",
    up: "往上移",
    untitled: "（未命名）",
    save: "儲存菜單",
    saved: "已儲存。",
    stale: "別人剛改過這份菜單，請重新載入後再改。",
    photo: "用菜單照片建立草稿",
    reading: "正在讀取照片…",
    draft: "這是草稿：請對照照片修改，再按儲存。",
    lookAt: "請核對",
    photoOf: "菜單照片",
    language: "語言",
  },
  en: {
    counter: "Counter",
    shops: "Shops and menus",
    signIn: "Sign in",
    signOut: "Sign out",
    email: "E-mail",
    password: "Password",
    signInHelp: "First time here? Open the sign-in link that Forthwith printed as it started.",
    linkUsed: "This link was used, or is too old. Forthwith prints a new one when it starts.",
    wrong: "Not signed in: {reason}",
    offline: "Connection lost, connecting again…",
    live: "Live",
    soundOn: "Sound for new orders",
    soundOff: "Sound is on",
    shop: "Shop",
    new: "New",
    accepted: "Accepted",
    done: "Done",
    cancelled: "Cancelled",
    failed: "Voice failed",
    none: "No orders right now.",
    noShop: "There is no shop yet. Please add one.",
    accept: "Accept",
    finish: "Done",
    play: "Play voice",
    table: "Table {table}",
    unverified: "Prices not checked",
    arrived: "New order {number}",
    tryAgain: "That did not work: {reason}",
    again: "Try again",
    open: "Open",
    closed: "Closed",
    editMenu: "Edit menu",
    orderPage: "Order page",
    addShop: "Add a shop",
    slug: "Address (a-z, 0-9, -)",
    currency: "Currency",
    create: "Create",
    name: "Name",
    inLanguage: "{name} ({language})",
    sections: "sections",
    items: "dishes",
    choices: "choices",
    options: "options",
    price: "Price",
    unit: "Unit",
    is_available: "Available",
    least: "At least",
    most: "At most",
    add: "Add {what}",
    remove: "Remove",
    up: "Move up",
    untitled: "(no name)",
    save: "Save menu",
    saved: "Saved.",
    stale: "Somebody else changed this menu. Please reload, then edit again.",
    photo: "Draft from a photo of the menu",
    reading: "Reading the photo…",
    draft: "A draft: compare it with the photo, correct it, then save.",
    lookAt: "Please check",
    photoOf: "Photo of the menu",
    language: "Language",
  },
};

const KEPT = "forthwith.staff-language";
export const language =
  localStorage.getItem(KEPT) ?? (navigator.language.startsWith("zh") ? "zh-TW" : "en");

export const say = (name, values = {}) =>
  TEXTS[language][name].replace(/\{(\w+)\}/g, (_, value) => values[value]);

/** Begin a page: its head, then what `draw` makes of it; `here` is the link that leads to it. */
export async function begin(here, draw) {
  frame(here);
  try {
    await draw();
  } catch (error) {
    const again = button(say("again"), () => location.reload(), { class: "primary" });
    const problem = h("p", { class: "bad", role: "alert" }, say("tryAgain", { reason: error.message }));
    document.querySelector("main").replaceChildren(problem, again);
  }
}

function frame(here) {
  document.documentElement.lang = language;
  document.title = say(here === "/counter" ? "counter" : "shops");
  const links = { "/counter": "counter", "/counter/shops": "shops" };
  const other = language === "en" ? "zh-TW" : "en";
  document.querySelector("header").append(
    h(
      "nav",
      { class: "row wide" },
      Object.entries(links).map(([href, name]) =>
        h("a", { href, "aria-current": href === here ? "page" : null }, say(name)),
      ),
    ),
    languageButton(other),
    button(say("signOut"), signOut, { class: "quiet" }),
  );
}

export function languageButton(other) {
  const change = () => {
    localStorage.setItem(KEPT, other);
    location.reload();
  };
  return button(other === "en" ? "English" : "中文", change, { class: "quiet", lang: other });
}
