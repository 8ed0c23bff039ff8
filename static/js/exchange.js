// Large files into a room: in pieces by the tus protocol (version 1.0.0), with progress, and on from where a cut line
// stopped, also on another day or after a new start. Without this script the page's own button sends one file in one go.
const english = document.documentElement.lang === "en";
const said = (de, en) => (english ? en : de);
const PIECE = 16 * 1024 * 1024;
const TRIES = 8; // in a row without a byte getting through; then the person decides
const form = document.querySelector("form[data-tus]");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
// By which a file is known again: when it was changed, and its name as a number (FNV-1a), for the server may clean names.
const markOf = ({ name, lastModified }) => {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return `${lastModified}${sum}`;
};
const SENTENCES = {
  404: said("Sie dürfen hier nichts mehr hochladen. Laden Sie die Seite neu.", "You may not upload here any more. Reload the page."),
  410: said("Diese Übertragung gilt nicht mehr. Wählen Sie die Datei noch einmal aus.", "This upload is over. Choose the file again."),
  413: said("Die Datei ist zu groß, oder der Raum ist voll.", "The file is too large, or the room is full."),
};

class Refused extends Error {}

class Journey {
  // One file on its way, shown as a line of `list`.
  constructor(file, address, list, status) {
    Object.assign(this, { file, address, status, offset: 0, stopped: false });
    this.line = document.createElement("li");
    const box = document.createElement("div");
    this.label = Object.assign(document.createElement("div"), { className: "p-break" });
    this.bar = Object.assign(document.createElement("progress"), { max: file.size || 1, value: 0 });
    this.bar.setAttribute("aria-label", said(`${file.name} wird hochgeladen`, `Uploading ${file.name}`));
    box.append(this.label, this.bar);
    this.again = this.button(said("Fortsetzen", "Continue"), () => this.go());
    this.again.hidden = true;
    this.line.append(box, this.again, this.button(said("Abbrechen", "Cancel"), () => this.cancel()));
    list.append(this.line);
    this.show();
  }

  button(text, action) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "p-linkbutton", textContent: text });
    made.setAttribute("aria-label", `${text}: ${this.file.name}`);
    made.addEventListener("click", action);
    return made;
  }

  show() {
    this.label.textContent = `${this.file.name} ${Math.floor((100 * this.offset) / (this.file.size || 1))} %`;
    this.bar.value = this.offset;
  }

  async go() {
    this.again.hidden = true;
    this.stopped = false;
    try {
      await this.send();
      if (this.stopped) return false;
      this.line.remove();
      this.status.textContent = said(`${this.file.name} ist hochgeladen.`, `${this.file.name} is uploaded.`);
      return true;
    } catch (error) {
      if (this.stopped) return false;
      if (error instanceof Refused) {
        this.line.remove();
        this.status.textContent = `${this.file.name}: ${error.message}`;
      } else {
        this.again.hidden = false;
        this.status.textContent = said(
          `Die Verbindung ist unterbrochen. ${this.file.name} ist zum Teil da.`,
          `The connection is interrupted. Part of ${this.file.name} has arrived.`,
        );
      }
      return false;
    }
  }

  async cancel() {
    this.stopped = true;
    this.request?.abort();
    this.line.remove();
    this.status.textContent = said("Abgebrochen.", "Cancelled.");
    // The server may still hold the line that was just cut.
    for (let n = 0; this.address && n < TRIES; n += 1) {
      const answer = await fetch(this.address, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } }).catch(() => null);
      if (answer && answer.status !== 423) return;
      await pause(500 * 2 ** n);
    }
  }

  async send() {
    let failures = this.address ? 1 : 0; // one that goes on asks first how far it is
    while (!this.stopped) {
      try {
        if (!this.address) await this.announce();
        else if (failures) await this.ask();
        this.show();
        if (this.offset === this.file.size) return;
        await this.piece();
        failures = 0;
      } catch (error) {
        if (error instanceof Refused || this.stopped || ++failures >= TRIES) throw error;
        await pause(Math.min(500 * 2 ** failures, 10000));
      }
    }
  }

  async announce() {
    const { name, type, size } = this.file;
    const about = { filename: name, filetype: type, mark: markOf(this.file) };
    const metadata = Object.entries(about).map(([key, value]) => (value ? `${key} ${base64(value)}` : key));
    const answer = await this.call(form.dataset.tus, "POST", { "Upload-Length": `${size}`, "Upload-Metadata": metadata.join(",") });
    this.address = new URL(answer.headers.get("Location")).pathname;
  }

  async ask() {
    this.offset = Number((await this.call(this.address, "HEAD", {})).headers.get("Upload-Offset"));
  }

  async call(address, method, headers) {
    const answer = await fetch(address, { method, redirect: "error", headers: { "Tus-Resumable": "1.0.0", ...headers } });
    this.judge(answer.status);
    return answer;
  }

  judge(status) {
    if (SENTENCES[status]) throw new Refused(SENTENCES[status]);
    if (status >= 400 || !status) throw new Error(`status ${status}`); // 409, 423 and 5xx pass: ask again
  }

  piece() {
    // XMLHttpRequest, because fetch() does not tell how much has been sent.
    const start = this.offset;
    return new Promise((resolve, reject) => {
      const request = (this.request = new XMLHttpRequest());
      request.open("PATCH", this.address);
      const headers = { "Tus-Resumable": "1.0.0", "Upload-Offset": `${start}`, "Content-Type": "application/offset+octet-stream" };
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", (event) => {
        this.offset = start + event.loaded;
        this.show();
      });
      request.addEventListener("loadend", () => {
        try {
          this.judge(request.status);
          this.offset = Number(request.getResponseHeader("Upload-Offset"));
          resolve();
        } catch (error) {
          reject(error);
        }
      });
      request.send(this.file.slice(start, start + PIECE));
    });
  }
}

// An upload begun earlier with this very file, by what its device said of it.
function begunEarlier(file) {
  const lines = [...document.querySelectorAll("[data-upload]")];
  const found = lines.find(({ dataset }) => dataset.size === `${file.size}` && dataset.mark === markOf(file));
  if (!found) return null;
  const address = found.dataset.upload;
  found.remove();
  if (!document.querySelector("[data-upload]")) document.querySelector("[data-begun]")?.remove();
  return address;
}

function enhance() {
  const input = form.querySelector("input[type=file]");
  const list = Object.assign(document.createElement("ul"), { className: "p-rows" });
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const zone = Object.assign(document.createElement("div"), { className: "s-drop" });
  const hint = Object.assign(document.createElement("p"), { className: "kern-hint s-drop__hint" });
  hint.textContent = said("Ziehen Sie Dateien hierher oder wählen Sie sie aus.", "Drop files here or choose them.");
  input.before(zone);
  zone.append(hint, input);
  zone.after(list, status);
  input.multiple = true;
  form.querySelector("button[type=submit]").parentElement.remove();

  let queue = Promise.resolve();
  let open = 0;
  let troubled = false; // then there is something to read before the page is drawn anew
  const take = (files) => {
    for (const file of files) {
      const journey = new Journey(file, begunEarlier(file), list, status);
      open += 1;
      queue = queue.then(() => journey.go()).then((done) => {
        open -= 1;
        troubled ||= !done;
        if (!open && !troubled) location.reload(); // what has arrived stands in the page's own list
      });
    }
  };
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("s-drop--over");
  });
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("s-drop--over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  addEventListener("beforeunload", (event) => {
    if (open) event.preventDefault();
  });
}

if (form) enhance();
