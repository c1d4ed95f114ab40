// The little that only a browser can do: its own clock and zone, its clipboard, its keys, its scroll position.
// Pages are made in Python; this file changes no data and talks to nobody.

const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const parts = { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", second: "2-digit" };
const clock = new Intl.DateTimeFormat(undefined, { ...parts, timeZoneName: "short" });
const precise = new Intl.DateTimeFormat(undefined, { ...parts, fractionalSecondDigits: 3 });
const minute = new Intl.DateTimeFormat(undefined, { ...parts, second: undefined, timeZoneName: "short" });
const shown = { minute: (moment) => minute.format(moment), exact: (moment) => clock.format(moment), milliseconds: (moment) => precise.format(moment) };
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
  // On a phone there are more tabs than fit: the one that is shown is to be seen.
  root.querySelectorAll(".tabs a[aria-current]").forEach((tab) => {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.clientWidth) / 2;
  });
  root.querySelectorAll("data.money").forEach(showMoney);
  root.querySelectorAll("time[datetime]").forEach(showTime);
  root.querySelectorAll("input[data-milliseconds]").forEach(showMoment);
}

const isDialog = (node) => node.nodeType === Node.ELEMENT_NODE && (node.matches(".q-dialog") || node.querySelector(".q-dialog"));
const tell = (element, name, detail) => element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));

new MutationObserver((changes) => {
  if (changes.some((change) => change.target.id === "search-list")) showSuggestions();
  if (changes.some(({ removedNodes }) => [...removedNodes].some(isDialog))) requestAnimationFrame(giveFocusBack);
  for (const change of changes)
    for (const node of change.addedNodes)
      if (node.nodeType === Node.ELEMENT_NODE) {
        if (node.matches("time[datetime]")) showTime(node);
        refresh(node);
        node.querySelectorAll("[data-top]").forEach((mark) => atTop.observe(mark));
        if (node.matches("[data-top]")) atTop.observe(node);
        if (rowToFind) findRow(node);
      }
}).observe(document.documentElement, { childList: true, subtree: true });

// A question that is answered is taken off the page at once, and with it the focus, which goes back to where it was
// asked from.
let askedFrom = null;
document.addEventListener("focusin", ({ target }) => { if (!target.closest?.(".q-dialog")) askedFrom = target; });
function giveFocusBack() {
  const isLost = !document.activeElement || document.activeElement === document.body;
  if (isLost && !document.querySelector(".q-dialog__inner")) askedFrom?.focus();
}

// Whoever comes back to a list finds the row that was opened from it, unless they have begun with something else.
const placeInList = () => `row ${location.pathname}${location.search}`;
const cameBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
let rowToFind = cameBack ? sessionStorage.getItem(placeInList()) : null;
function findRow(node) {
  const row = node.parentElement?.querySelector(`.list-row[data-href="${CSS.escape(rowToFind)}"]`);
  // Rows are drawn again when more is known of them; until somebody does something, the row is found again.
  if (!row || row === document.activeElement) return;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "center" });
}
for (const begun of ["pointerdown", "wheel", "keydown"]) addEventListener(begun, () => { rowToFind = null; }, true);

function noteRow(row) {
  if (row) sessionStorage.setItem(placeInList(), row.dataset.href);
}

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
  const sort = event.target.closest("button[data-narrow]");
  if (sort) return void narrow(sort);
  const drop = document.querySelector("details.drop[open]");
  if (drop && !drop.contains(event.target)) {
    // Whoever clicks beside an open menu closes it, and opens nothing with the same click.
    event.preventDefault();
    event.stopPropagation();
    drop.open = false;
    return;
  }
  if (document.body.classList.contains("menu-open") && !event.target.closest(".menu")) {
    event.preventDefault();
    event.stopPropagation();
    document.body.classList.remove("menu-open");
    return;
  }
  const link = event.target.closest("a[href]");
  if (link && (link.origin !== location.origin || link.closest(".outside, .prose, .hook, .message, .check, .resolved"))) { link.target = "_blank"; link.rel = "noopener noreferrer"; }
  const news = event.target.closest("a[data-news]");
  if (news && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    event.preventDefault();
    tell(news, "open", news.dataset.news);
    return;
  }
  const way = event.target.closest(".list-row[data-href]");
  noteRow(way);
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

// Fields above lists tell their new value: at once when chosen, after a pause when typed.
function valueOf(field) {
  if (field.type === "datetime-local") return field.value ? new Date(field.value).getTime() : null;
  return field.value;
}
const narrow = (field) =>
  tell(field, "narrow", { name: field.dataset.narrow, value: valueOf(field), isOn: field.checked ?? true });
let narrowing;
document.addEventListener("input", (event) => {
  const field = event.target.closest("input[type=search][data-narrow]");
  if (!field) return;
  clearTimeout(narrowing);
  narrowing = setTimeout(() => narrow(field), 400);
});
document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-narrow]");
  if (!field) return;
  clearTimeout(narrowing);
  narrow(field);
});

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
  if (event.key === "Escape") {
    document.body.classList.remove("menu-open");
    document.querySelectorAll("details.drop[open]").forEach((drop) => { drop.open = false; });
  }
  if (event.key === "/") goToSearch();
  else if (event.key === "?") tell(document.querySelector(".frame"), "help", null);
  else if (event.key === "Enter" && row && document.activeElement === row) {
    noteRow(row.dataset.href ? row : null);
    if (row.dataset.href) location.assign(row.dataset.href);
    else tell(row, "open", row.dataset.id);
  }
  else if (step && document.querySelector(".list-row")) {
    const rows = [...document.querySelectorAll(".list-row")];
    rows[row ? Math.min(Math.max(rows.indexOf(row) + step, 0), rows.length - 1) : 0].focus();
  } else return;
  event.preventDefault();
});

// The search box. What is typed stays here; the page is told of it, and answers with a list of links, of which the arrows
// choose one. The focus never leaves the input: a screen reader hears of the chosen one by its id.
const isMac = /Mac|iP/.test(navigator.platform);
const searchInput = () => document.getElementById("search");
const suggestions = () => [...document.querySelectorAll("#search-list [role=option]")];
const chosenSuggestion = () => document.querySelector("#search-list [aria-selected=true]");
let isSearching = false;
let chosenHref = null;
let typing;

function goToSearch() {
  searchInput()?.focus();
  searchInput()?.select();
}

function seek() {
  clearTimeout(typing);
  isSearching = true;
  tell(searchInput(), "seek", searchInput().value);
  showSuggestions();
}

function endSearch() {
  clearTimeout(typing);
  isSearching = false;
  chosenHref = null;
  showSuggestions();
}

// What was chosen stays chosen in a new list that still has it, wherever it stands there.
function showSuggestions() {
  const options = suggestions();
  const chosen = options.find((option) => option.getAttribute("href") === chosenHref);
  for (const option of options) option.setAttribute("aria-selected", option === chosen);
  chosenHref = chosen ? chosenHref : null;
  const isOpen = isSearching && document.getElementById("search-list").childElementCount > 0;
  searchInput().setAttribute("aria-expanded", isOpen);
  if (chosen && isOpen) searchInput().setAttribute("aria-activedescendant", chosen.id);
  else searchInput().removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
}

// One step past either end chooses nothing, which leaves what was typed.
function chooseSuggestion(step) {
  if (!isSearching) return seek();
  const choices = [null, ...suggestions()];
  const at = choices.indexOf(chosenSuggestion());
  chosenHref = choices[(at + step + choices.length) % choices.length]?.getAttribute("href") ?? null;
  showSuggestions();
}

document.addEventListener("input", (event) => {
  if (event.target !== searchInput()) return;
  clearTimeout(typing);
  chosenHref = null;
  showSuggestions();
  typing = setTimeout(seek, 150);
});
document.addEventListener("focusin", (event) => { if (event.target === searchInput()) seek(); });
document.addEventListener("focusout", (event) => { if (event.target === searchInput()) endSearch(); });
// A press on the list would take the focus from the input, and with it the list, before it becomes a click.
document.addEventListener("mousedown", (event) => { if (event.target.closest("#search-list")) event.preventDefault(); });
document.addEventListener("click", (event) => { if (event.target === searchInput() && !isSearching) seek(); });

document.addEventListener("keydown", (event) => {
  const isShortcut = (isMac ? event.metaKey : event.ctrlKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
  if (isShortcut && !document.querySelector(".q-dialog")) {
    event.preventDefault();
    return void goToSearch();
  }
  if (event.target !== searchInput() || event.isComposing) return;
  const chosen = chosenSuggestion();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) chooseSuggestion(step);
  else if (event.key === "Escape" && isSearching) endSearch();
  else if (event.key === "Enter" && isSearching && chosen) {
    if (event.ctrlKey || event.metaKey) window.open(chosen.href, "_blank", "noopener");
    else location.assign(chosen.href);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

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
