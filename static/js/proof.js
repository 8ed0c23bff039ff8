// Before something is sent without an account: find the numbers that the challenge asks for, in short steps between
// which the page stays usable. Without this script, or where the browser cannot compute, there is a word to copy.
const probe = document.querySelector("[data-proof]");
const form = probe?.closest("form");
const word = form?.querySelector("[data-proof-word]");
const state = form?.querySelector("[data-proof-state]");
const bar = state?.querySelector("progress");
const said = state?.querySelector("[role=status]");
const BATCH = 512;
let waiting = null;
let busy = false;

const say = (what) => {
  said.textContent = said.dataset[what];
};

async function zeroBits(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Math.clz32(new DataView(bytes).getUint32(0));
}

async function counterFor(number, bits) {
  for (let start = 0; ; start += BATCH) {
    const tries = Array.from({ length: BATCH }, (_, step) => zeroBits(`${probe.value}:${number}:${start + step}`));
    const found = (await Promise.all(tries)).findIndex((zeros) => zeros >= bits);
    if (found >= 0) return start + found;
    await new Promise((next) => setTimeout(next)); // lets the page answer keys and screen readers
  }
}

async function solve() {
  const bits = Number(probe.dataset.bits);
  const puzzles = Number(probe.dataset.puzzles);
  const counters = [];
  while (counters.length < puzzles) {
    counters.push(await counterFor(counters.length, bits));
    bar.value = counters.length;
    if (counters.length === puzzles / 2 && waiting) say("half");
  }
  form.elements.loesung.value = counters.join(".");
}

async function run() {
  busy = true;
  word.hidden = true;
  state.hidden = false;
  say("running");
  try {
    await solve();
    say("done");
  } catch {
    word.hidden = false;
    state.hidden = true;
    waiting = null;
  }
  busy = false;
  if (waiting) form.requestSubmit(waiting);
}

form?.addEventListener("submit", (event) => {
  if (!busy) return;
  event.preventDefault();
  waiting = event.submitter;
  say("waiting");
});

// After a wrong word the word stays: somebody is typing there.
if (word && globalThis.crypto?.subtle) run();
