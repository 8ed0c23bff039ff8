// A page whose answers bring up or hide questions: asks the server anew after each change. Without this script the
// next page says what has been added. What stays keeps its element, so focus, files and typed text are not touched.
const place = document.querySelector("#fragen[data-lively]");
const form = place?.closest("form");
let running = null;

const children = (node) => {
  const found = new Map();
  const look = (element) => {
    for (const child of element.children) {
      if (child.dataset.part) found.set(child.dataset.part, child);
      else look(child);
    }
  };
  look(node);
  return found;
};

function merge(old, fresh) {
  const here = children(old);
  const there = children(fresh);
  for (const [key, element] of here) if (!there.has(key)) element.remove();
  let before = null;
  for (const [key, element] of there) {
    const kept = here.get(key);
    if (kept) {
      if (element.querySelector("[data-part]")) merge(kept, element);
    } else if (before) before.after(element);
    else if (here.size) here.values().next().value.before(element);
    else old.append(element);
    before = kept ?? element;
  }
}

async function ask() {
  running?.abort();
  running = new AbortController();
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  data.set("aktion", "anpassen");
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, signal: running.signal, redirect: "error" });
    if (!answer.ok) return;
    const fresh = document.createElement("div");
    fresh.innerHTML = await answer.text();
    merge(place, fresh);
    place.querySelector("[name=gefragt]").value = fresh.querySelector("[name=gefragt]").value;
  } catch {
    // The server cannot be reached just now: sending the page brings up the same questions.
  }
}

form?.addEventListener("change", (event) => {
  if (event.target.type !== "file") ask();
});
