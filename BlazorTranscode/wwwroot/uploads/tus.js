// tus 1.0.0 (https://tus.io/protocols/resumable-upload) in four requests. XMLHttpRequest, because fetch does not tell how much was sent.

const sentences = {
  0: "The connection was lost.",
  401: "You are signed out. Sign in and choose the file again.",
};

/** What did not work. `status` is 0 when there was no answer at all; `message` is a sentence for the person. */
export class Trouble extends Error {
  constructor(status, message) {
    super(message || sentences[status] || `The server could not take the file (error ${status}).`);
    this.status = status;
  }
}

/** Announces a file; returns its address. */
export async function create(file, presets, signal) {
  // Longer names would not fit into a header; the server shortens further.
  const metadata = { filename: [...file.name.toWellFormed()].slice(0, 200).join(""), presets: presets.join() };
  const answer = await ask("POST", "/uploads/", signal, {
    "Upload-Length": file.size,
    "Upload-Metadata": Object.entries(metadata).map(([key, value]) => `${key} ${base64(value)}`).join(),
  });
  return new URL(answer.getResponseHeader("Location"), location.origin).pathname;
}

/** How many bytes of it the server has. */
export const offset = async (url, signal) => reported(await ask("HEAD", url, signal));

/** Sends a piece; returns the new offset. */
export async function send(url, offset, piece, signal, onSent) {
  const headers = { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
  return reported(await ask("PATCH", url, signal, headers, piece, onSent));
}

/** Throws away what has arrived. */
export const remove = url => ask("DELETE", url);

function ask(method, url, signal, headers = {}, body = null, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const lost = () => reject(new Trouble(0));
    request.open(method, url);
    request.setRequestHeader("Tus-Resumable", "1.0.0");
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.onload = () => request.status < 300 ? resolve(request) : reject(new Trouble(request.status, sentence(request)));
    request.onerror = request.onabort = lost;
    if (onSent) request.upload.onprogress = event => onSent(event.loaded);
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    if (signal?.aborted) lost();
    else request.send(body);
  });
}

const sentence = request => request.getResponseHeader("Content-Type")?.startsWith("text/plain") ? request.responseText : "";

function reported(request) {
  const offset = Number.parseInt(request.getResponseHeader("Upload-Offset"), 10);
  if (Number.isNaN(offset)) throw new Trouble(request.status, "The server answered in a way that was not understood.");
  return offset;
}

const base64 = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
