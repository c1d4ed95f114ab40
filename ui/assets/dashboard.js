// The little that only a browser can do: its own clock and zone, its clipboard, its keys, its scroll position.
// Pages are made in Python; this file changes no data and talks to nobody.

const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const parts = { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", second: "2-digit" };
const clock = new Intl.DateTimeFormat(undefined, { ...parts, timeZoneName: "short" });
const precise = new Intl.DateTimeFormat(undefined, { ...parts, fractionalSecondDigits: 3 });
const shown = { exact: (moment) => clock.format(moment), milliseconds: (moment) => precise.format(moment) };
const zoned = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

function ago(moment) {
  const seconds = Math.round((moment - Date.now()) / 1000);
  if (Math.abs(seconds) < 2) return "just now";
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size);
  return relative.format(Math.trunc(seconds / size), unit);
}

function showTime(element) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.valueOf())) return;
  const text = (shown[element.dataset.show] ?? ago)(moment);
  if (element.textContent !== text) element.textContent = text;
  if (!element.title) element.title = `${zoned.format(moment)}\n${moment.toISOString().replace("T", " ").replace("Z", " UTC")}`;
}

function showMoment(input) {
  if (!input.dataset.milliseconds || input.value) return;
  const moment = new Date(Number(input.dataset.milliseconds));
  input.value = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

// Digits are grouped and decimals marked as the reader is used to; the value itself stays text, and so exact.
function showMoney(element) {
  const decimals = element.value.split(".")[1]?.length ?? 0;
  const format = new Intl.NumberFormat(undefined, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const text = `${format.format(element.value)} ${element.dataset.currency}`;
  if (element.textContent !== text) element.textContent = text;
}

function refresh(root) {
  root.querySelectorAll("data.money").forEach(showMoney);
  root.querySelectorAll("time[datetime]").forEach(showTime);
  root.querySelectorAll("input[data-milliseconds]").forEach(showMoment);
}

const tell = (element, name, detail) => element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));

new MutationObserver((changes) => {
  for (const change of changes)
    for (const node of change.addedNodes)
      if (node.nodeType === Node.ELEMENT_NODE) {
        if (node.matches("time[datetime]")) showTime(node);
        refresh(node);
        node.querySelectorAll("[data-top]").forEach((mark) => atTop.observe(mark));
        if (node.matches("[data-top]")) atTop.observe(node);
      }
}).observe(document.documentElement, { childList: true, subtree: true });

// A list hears whether its reader is at the top: rows slide in only there.
const atTop = new IntersectionObserver((entries) => {
  for (const entry of entries) tell(entry.target, "attop", entry.isIntersecting);
});

setInterval(() => document.querySelectorAll("time[datetime]:not([data-show])").forEach(showTime), 1000);
addEventListener("popstate", () => location.reload());

// Wide, the menu folds to its icons, and stays so; narrow, it is a drawer.
const isWide = matchMedia("(min-width: 901px)");
function turnMenu() {
  if (!isWide.matches) return document.body.classList.toggle("menu-open");
  localStorage.setItem("menu", document.body.classList.toggle("menu-folded") ? "folded" : "open");
}
if (localStorage.getItem("menu") === "folded") document.body.classList.add("menu-folded");

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    event.preventDefault();
    event.stopPropagation();
    await navigator.clipboard.writeText(copy.dataset.copy);
    const icon = copy.querySelector(".icon");
    icon.textContent = "check";
    copy.setAttribute("aria-label", "Copied");
    setTimeout(() => { icon.textContent = "content_copy"; copy.setAttribute("aria-label", "Copy"); }, 1200);
    return;
  }
  if (event.target.closest("[data-menu]")) return void turnMenu();
  if (document.body.classList.contains("menu-open") && !event.target.closest(".menu")) {
    event.preventDefault();
    event.stopPropagation();
    document.body.classList.remove("menu-open");
    return;
  }
  const link = event.target.closest("a[href]");
  if (link && link.closest(".entry, .hook, .message")) { link.target = "_blank"; link.rel = "noopener noreferrer"; }
  const way = event.target.closest(".list-row[data-href]");
  if (way && !event.target.closest("a, button") && !String(getSelection())) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) window.open(way.dataset.href, "_blank", "noopener");
    else location.assign(way.dataset.href);
    return;
  }
  const row = event.target.closest(".list-row[data-id]");
  const opens = row && (!event.target.closest("a, button") || event.target.closest("a[data-open]"));
  if (opens && !event.metaKey && !event.ctrlKey && !event.shiftKey && !String(getSelection())) {
    event.preventDefault();
    tell(row, "open", row.dataset.id);
  }
}, true);

document.addEventListener("change", (event) => {
  const input = event.target.closest("input[data-moment]");
  if (input) tell(input, "moment", input.value ? new Date(input.value).getTime() : null);
});

// The arrows move within an open menu, as in menus everywhere.
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".q-menu.account-menu");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  const items = [...menu.querySelectorAll("a[href], button")];
  const at = items.indexOf(document.activeElement);
  items[at < 0 && step < 0 ? items.length - 1 : (at + step + items.length) % items.length]?.focus();
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const row = document.activeElement.closest(".list-row");
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (event.key === "Escape") document.body.classList.remove("menu-open");
  if (event.key === "/") document.querySelector(".search input")?.focus();
  else if (event.key === "?") tell(document.querySelector(".frame"), "help", null);
  else if (event.key === "Enter" && row && document.activeElement === row) {
    if (row.dataset.href) location.assign(row.dataset.href);
    else tell(row, "open", row.dataset.id);
  }
  else if (step && document.querySelector(".list-row")) {
    const rows = [...document.querySelectorAll(".list-row")];
    rows[row ? Math.min(Math.max(rows.indexOf(row) + step, 0), rows.length - 1) : 0].focus();
  } else return;
  event.preventDefault();
});

const watching = setInterval(() => {
  if (!window.socket) return;
  clearInterval(watching);
  window.socket.on("connect", () => document.body.classList.remove("is-offline"));
  // The dashboard answers but refuses this page's socket: its session has ended, or is another by now.
  window.socket.io.on("reconnect_error", async () => {
    const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" }).catch(() => null);
    if (answer) location.reload();
  });
  window.socket.on("disconnect", () => document.body.classList.add("is-offline"));
}, 100);
