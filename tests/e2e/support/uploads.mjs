// Uploads as no HTTP library makes them: in pieces of any size, never finished, broken off.

import { once } from "node:events";
import { connect } from "node:net";

/** Where and how a body is sent, and the header lines before it. */
const REGISTRATION = { method: "POST", path: "/reg", header: "" };

const head = (port, length, { method, path, header }) =>
  `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n${header}${length}\r\n\r\n`;
const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;

async function connected(port) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** The status of the answer, and how many milliseconds it took. */
async function answered(socket) {
  const started = performance.now();
  const [first] = await once(socket, "data");
  return { status: Number(String(first).slice(9, 12)), milliseconds: performance.now() - started };
}

/**
 * Sends `text` in chunks of one byte each. With `stay`, goes on sending after the answer, until the server closes the
 * connection or `stay` milliseconds are over.
 */
export async function sendByteByByte(port, text, { stay = 0, ...request } = {}) {
  const socket = await connected(port);
  const chunks = [...text].map(chunk).join("");
  socket.write(head(port, "transfer-encoding: chunked", { ...REGISTRATION, ...request }) + chunks + chunk(""));
  const answer = await answered(socket);
  if (stay && !socket.closed) {
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const over = new Promise((resolve) => setTimeout(resolve, stay));
    await Promise.race([closed, over]);
  }
  socket.destroy();
  return answer;
}

/** Sends the beginning of a body, and then nothing more. */
export async function sendUnfinished(port, text, length = "transfer-encoding: chunked") {
  const socket = await connected(port);
  socket.write(head(port, length, REGISTRATION) + (length.startsWith("transfer") ? chunk(text) : text));
  const answer = await answered(socket);
  socket.destroy();
  return answer;
}

/** Sends `text` and breaks the connection off, by a reset or by closing it: before the end of the body, or after it. */
export async function breakOff(port, text, { reset, whole = false, after = 5, ...request }) {
  const socket = await connected(port);
  const start = head(port, "transfer-encoding: chunked", { ...REGISTRATION, ...request });
  const sent = start + chunk(text) + (whole ? chunk("") : "");
  await new Promise((written) => socket.write(sent, written));
  // So that the server has begun to read.
  await new Promise((resolve) => setTimeout(resolve, after));
  if (reset) socket.resetAndDestroy();
  else socket.destroy();
}
