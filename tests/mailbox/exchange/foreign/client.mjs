// Uploads one file with tus-js-client. Prints where to as soon as it is known, then how it ended.
import fs from "node:fs";
import * as tus from "tus-js-client";

const { endpoint, uploadUrl, file, piece, cookie, stopAt } = JSON.parse(process.argv[2]);
const say = (what) => fs.writeSync(1, `${JSON.stringify(what)}\n`);
const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint,
  uploadUrl,
  uploadSize: fs.statSync(file).size,
  chunkSize: piece,
  headers: { Cookie: cookie },
  metadata: { filename: "Pläne für den Umbau.zip", filetype: "application/zip" },
  retryDelays: Array(200).fill(100),
  onProgress(sent) {
    if (!stopAt || sent < stopAt) return;
    say({ ended: "cut", url: upload.url });
    process.exit(0); // as a closed laptop does: no word to the server
  },
  onError(error) {
    say({ ended: "error", text: String(error) });
    process.exit(1);
  },
  onSuccess() {
    say({ ended: "whole", url: upload.url });
    process.exit(0);
  },
});
upload.start();
