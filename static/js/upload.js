// Files go up as soon as they are chosen or dropped: in pieces, with progress, and on from where a cut line stopped.
// Without this script the page sends them in one go with its own button. The server judges every file the same way.
const english = document.documentElement.lang === "en";
const said = (de, en) => (english ? en : de);
const TRIES = 6; // in a row without a byte getting through; then the person decides
const form = document.querySelector("form[data-arrive]");
const token = form?.elements.csrfmiddlewaretoken.value;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const button = (text, kind) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  const label = document.createElement("span");
  if (kind.startsWith("kern")) label.className = "kern-label";
  label.textContent = text;
  made.append(label);
  return made;
};

class Refused extends Error {}
let refusals = 0; // files that the server did not take

class Journey {
  // One file on its way. Shows itself as a line of `list`; `done` gets the server's line, or nothing.
  constructor(file, name, list, status, done) {
    Object.assign(this, { file, name, status, done, address: null, offset: 0, stopped: false });
    this.line = document.createElement("li");
    this.line.className = "s-arriving";
    this.label = document.createElement("span");
    this.bar = document.createElement("progress");
    this.bar.max = file.size || 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", said(`${file.name} wird hochgeladen`, `Uploading ${file.name}`));
    this.again = button(said("Fortsetzen", "Continue"), "p-linkbutton s-again");
    this.again.hidden = true;
    this.again.addEventListener("click", () => this.go());
    this.stop = button(said("Abbrechen", "Cancel"), "p-linkbutton");
    this.stop.append(Object.assign(document.createElement("span"), { className: "kern-sr-only", textContent: ` ${file.name}` }));
    this.stop.addEventListener("click", () => this.cancel());
    this.line.append(this.label, " ", this.bar, " ", this.again, " ", this.stop);
    list.append(this.line);
    list.hidden = false;
    this.show();
  }

  show() {
    const percent = Math.floor((100 * this.offset) / (this.file.size || 1));
    this.label.textContent = `${this.file.name} ${percent} %`;
    this.bar.value = this.offset;
  }

  async go() {
    this.again.hidden = true;
    this.stopped = false;
    try {
      const line = await this.send();
      if (line) this.end(line, said(`${this.file.name} ist hochgeladen.`, `${this.file.name} is uploaded.`));
    } catch (error) {
      if (this.stopped) return;
      if (error instanceof Refused) {
        refusals += 1;
        this.end(null, error.message);
      } else {
        this.status.textContent = said(
          `Die Verbindung ist unterbrochen. ${this.file.name} ist zum Teil da.`,
          `The connection is interrupted. Part of ${this.file.name} has arrived.`,
        );
        this.again.hidden = false;
      }
    }
  }

  end(line, sentence) {
    this.line.remove();
    this.status.textContent = sentence;
    this.done(line, line ? "" : sentence);
  }

  async cancel() {
    this.stopped = true;
    if (this.address) await this.ask(this.address, "DELETE").catch(() => {});
    this.end(null, "");
  }

  async send() {
    let failures = 0;
    while (!this.stopped) {
      try {
        if (!this.address) await this.announce();
        else if (failures) this.offset = Number((await this.ask(this.address, "HEAD")).headers.get("Upload-Offset"));
        this.show();
        const answer = await this.piece();
        failures = 0;
        if (answer.status === 200) return (await answer.json()).line;
      } catch (error) {
        if (error instanceof Refused || this.stopped || ++failures >= TRIES) throw error;
        await pause(Math.min(500 * 2 ** failures, 8000));
      }
    }
    return null;
  }

  async announce() {
    const body = new URLSearchParams({
      frage: this.name, name: this.file.name, groesse: this.file.size, abdruck: `${this.file.lastModified}`,
    });
    const answer = await this.ask(form.dataset.arrive, "POST", { body });
    this.address = answer.headers.get("Location");
    ({ offset: this.offset, piece: this.size } = await answer.json());
  }

  async piece() {
    const body = this.file.slice(this.offset, this.offset + this.size);
    const headers = { "Upload-Offset": `${this.offset}`, "Content-Type": "application/partial-upload" };
    const answer = await this.ask(this.address, "PATCH", { body, headers });
    this.offset = Number(answer.headers.get("Upload-Offset") ?? this.file.size);
    this.show();
    return answer;
  }

  async ask(address, method, { body, headers } = {}) {
    const answer = await fetch(address, {
      method, body, redirect: "error", headers: { ...headers, "X-CSRFToken": token, Accept: "application/json" },
    });
    if (answer.status === 422) throw new Refused((await answer.json()).error);
    if (answer.status === 409) return answer; // another window sent this piece: go on from the right place
    if (answer.status >= 400 && answer.status < 500) {
      throw new Refused(said("Das geht gerade nicht. Laden Sie die Seite neu.", "Not possible now. Reload the page."));
    }
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer;
  }
}

function enhance(place) {
  const input = place.querySelector("input[type=file]");
  if (!input || place.dataset.enhanced) return;
  place.dataset.enhanced = "1";
  const list = place.querySelector(".s-files");
  const status = Object.assign(document.createElement("p"), { className: "s-arrival-status" });
  status.setAttribute("role", "status");
  const zone = Object.assign(document.createElement("div"), { className: "s-drop" });
  const hint = Object.assign(document.createElement("p"), { className: "kern-hint s-drop__hint" });
  hint.textContent = said("Ziehen Sie Dateien hierher oder wählen Sie sie aus.", "Drop files here or choose them.");
  input.before(zone);
  zone.append(hint, input);
  zone.after(status);
  place.querySelector("button[value=hochladen]")?.remove();

  list.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-forget]");
    if (!remove) return;
    fetch(remove.dataset.forget, { method: "DELETE", headers: { "X-CSRFToken": token } }).catch(() => {});
    remove.closest("li").remove();
    list.hidden = !list.children.length;
    input.focus();
  });

  let queue = Promise.resolve();
  const take = (files) => {
    for (const file of files) {
      const journey = new Journey(file, input.name, list, status, (line) => {
        if (line) list.insertAdjacentHTML("beforeend", line);
        list.hidden = !list.children.length;
      });
      queue = queue.then(() => journey.go());
    }
  };
  const choose = (event) => {
    take([...event.target.files]);
    event.target.value = ""; // the page shall not send them a second time
  };
  input.addEventListener("change", choose);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("s-drop--over");
  });
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("s-drop--over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  if (matchMedia("(pointer: coarse)").matches && input.accept.includes("image/jpeg")) {
    const camera = Object.assign(document.createElement("input"), { type: "file", accept: "image/jpeg", hidden: true });
    camera.setAttribute("capture", "environment");
    const photo = button(said("Foto aufnehmen", "Take a photo"), "kern-btn kern-btn--secondary");
    photo.addEventListener("click", () => camera.click());
    camera.addEventListener("change", choose);
    zone.append(photo, camera);
  }
}

// Whoever goes on while a file is on its way would leave it behind: the page waits for it, and goes on by itself.
let held = false;
async function hold(event) {
  const open = () => form.querySelector(".s-arriving");
  if (!open()) return;
  event.preventDefault();
  if (held) return;
  held = true;
  const status = open().closest(".s-upload").querySelector(".s-arrival-status");
  status.textContent = said(
    "Ihre Datei wird noch hochgeladen. Danach geht es von selbst weiter.",
    "Your file is still being uploaded. After that we continue by ourselves.",
  );
  const before = refusals;
  while (open() && !form.querySelector(".s-arriving .s-again:not([hidden])")) await pause(100);
  held = false;
  if (open()) {
    status.textContent = said(
      "Eine Datei ist erst zum Teil da. Setzen Sie fort oder brechen Sie ab.",
      "One file has arrived only in part. Continue or cancel it.",
    );
  } else if (refusals === before) form.requestSubmit(event.submitter?.isConnected ? event.submitter : undefined);
}

if (form && window.fetch && Blob.prototype.slice) {
  for (const place of form.querySelectorAll(".s-upload")) enhance(place);
  // Questions that come up later (questions.js) have their files, too.
  new MutationObserver(() => form.querySelectorAll(".s-upload").forEach(enhance)).observe(form, { childList: true, subtree: true });
  form.addEventListener("submit", hold);
  addEventListener("beforeunload", (event) => {
    if (form.querySelector(".s-arriving")) event.preventDefault();
  });
}
