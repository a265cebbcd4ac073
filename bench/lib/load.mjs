// Keeps a number of connections busy, one request at a time on each. Sockets without an HTTP library: the client
// has to cost less than what it measures.

import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How many requests are under way where CPU time is measured. */
export const MAIN = 16;

const PATIENCE_MS = 30_000;
const END_OF_HEAD = Buffer.from("\r\n\r\n");

/**
 * Sends `requests`, buffers in turn, until `count` are answered or `seconds` are over. Every answer has to have
 * `status`; `see` gets the parsed body of each. Returns what it took, latencies in milliseconds.
 */
export async function load({ port, requests, status, concurrency = 1, count = Infinity, seconds = 60, see }) {
  const latencies = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  let sent = 0;
  const next = () => (sent < count && performance.now() < end ? requests[sent++ % requests.length] : undefined);
  const answered = (latency, body) => (latencies.push(latency), see?.(JSON.parse(body)));
  const length = Math.min(concurrency, count);
  await Promise.all(Array.from({ length }, () => connection(port, next, status, answered)));
  const elapsed = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))];
  return { requests: latencies.length, seconds: elapsed, p50: at(0.5), p99: at(0.99) };
}

/** One load, with the CPU microseconds that each request cost the server, and how busy we were ourselves. */
export async function costs(server, requests, options) {
  const [cpu, own] = [server.cpu(), process.cpuUsage()];
  const { requests: count, seconds, p50, p99 } = await load({ port: server.ports.http, ...requests, ...options });
  const { user, system } = process.cpuUsage(own);
  const clientBusy = (user + system) / 1e6 / seconds;
  // The kernel adds up a thread's time when the thread rests; this is after the last answer, too.
  await sleep(10);
  return { cpu: ((server.cpu() - cpu) / count) * 1e6, perSecond: count / seconds, p50, p99, clientBusy };
}

async function connection(port, next, status, answered) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let from;
    const finish = (settle, value) => (socket.destroy(), settle(value));
    const send = () => {
      const request = next();
      if (!request) return finish(resolve);
      from = performance.now();
      socket.write(request);
    };
    socket.setTimeout(PATIENCE_MS, () => finish(reject, new Error("no answer in time")));
    socket.on("error", (error) => finish(reject, error));
    socket.on("close", () => reject(new Error("the server closed a connection")));
    socket.on("data", (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const headEnd = received.indexOf(END_OF_HEAD);
      if (headEnd < 0) return;
      const head = received.latin1Slice(0, headEnd);
      // A 204 has no body and no length.
      const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? (status === 204 ? "0" : undefined);
      const bodyStart = headEnd + END_OF_HEAD.length;
      const problem = length === undefined || Number(head.slice(9, 12)) !== status;
      if (problem) return finish(reject, new Error(`instead of ${status}:\n${received.toString()}`));
      if (received.length < bodyStart + Number(length)) return;
      const body = received.subarray(bodyStart);
      received = Buffer.alloc(0);
      try {
        answered(performance.now() - from, body);
      } catch (error) {
        return finish(reject, error);
      }
      send();
    });
    send();
  });
}
