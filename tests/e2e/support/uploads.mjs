// Uploads as no HTTP library makes them: in pieces of any size, never finished, broken off.

import { once } from "node:events";
import { connect } from "node:net";

const head = (port, length, more = "") =>
  `POST /reg HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n${more}${length}\r\n\r\n`;
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
  socket.destroy();
  return { status: Number(String(first).slice(9, 12)), milliseconds: performance.now() - started };
}

/** Sends `text` in chunks of one byte each. */
export async function sendByteByByte(port, text) {
  const socket = await connected(port);
  socket.write(head(port, "transfer-encoding: chunked") + [...text].map(chunk).join("") + chunk(""));
  return answered(socket);
}

/** Sends the beginning of a body, and then nothing more. */
export async function sendUnfinished(port, text, length = "transfer-encoding: chunked") {
  const socket = await connected(port);
  socket.write(head(port, length) + (length.startsWith("transfer") ? chunk(text) : text));
  return answered(socket);
}

/** Sends `text` and breaks the connection off, by a reset or by closing it: before the end of the body, or after it. */
export async function breakOff(port, text, { reset, whole = false, header = "", after = 5 }) {
  const socket = await connected(port);
  const sent = head(port, "transfer-encoding: chunked", header) + chunk(text) + (whole ? chunk("") : "");
  await new Promise((written) => socket.write(sent, written));
  // So that the server has begun to read.
  await new Promise((resolve) => setTimeout(resolve, after));
  if (reset) socket.resetAndDestroy();
  else socket.destroy();
}
