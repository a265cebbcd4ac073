// The operator's API (docs/operator.md), as the commands use it.

import { setTimeout as sleep } from "node:timers/promises";

import { isLocal } from "./issuer.mjs";
import { printable } from "./terminal.mjs";

const UNITS = { s: 1, m: 60, h: 3600, d: 86400 };

/** A duration like 7d, in seconds. */
export function seconds(text) {
  const match = /^(\d+)([smhd])$/.exec(text);
  if (!match) throw new Error(`${text} is not a duration: write a number and s, m, h or d, like 7d`);
  return Number(match[1]) * UNITS[match[2]];
}

/** A time of the API as text, in UTC. */
export function date(epoch) {
  const time = new Date(epoch * 1000);
  return Number.isNaN(time.getTime()) ? String(epoch) : time.toISOString().slice(0, 16).replace("T", " ");
}

/** Rejects empty values: they come from shell variables that are not set, and would match more clients than intended. */
export function refuseEmpty(values) {
  for (const [name, value] of Object.entries(values)) {
    if (value === "") throw new Error(`--${name} is empty`);
  }
}

/** The most attempts of a request that got 429 or 503, and the longest wait between two of them, in seconds. */
const TRIES = 4;
const LONGEST_WAIT = 120;

/**
 * Returns a function that calls the operator's API of an issuer, for a command at a terminal. `json` or `lines` is the body. With
 * `retry`, it repeats a request that got 429 or 503; use it only for requests that may be sent twice.
 */
export function connect(terminal, issuer = terminal.env.ISSUER ?? "http://localhost:8787") {
  return async function call(method, path, { json, lines, retry = false } = {}) {
    const { api, authorization } = access(issuer, terminal.env);
    const url = `${api}${path}`;
    const type = (json && "application/json") ?? (lines && "application/x-ndjson");
    const headers = { authorization, ...(type && { "content-type": type }) };
    const body = json ? JSON.stringify(json) : lines;
    for (let tried = 1; ; tried += 1) {
      const { answer, received } = await exchange(url, { method, headers, body }, retry ? 300_000 : 15_000);
      if (answer.ok) return { headers: answer.headers, text: received };
      const again = retry && tried < TRIES && [429, 503].includes(answer.status);
      if (!again) throw new Error(sentence(url, answer.status, received));
      const wait = Math.min(Number(answer.headers.get("retry-after")) || 2, LONGEST_WAIT);
      terminal.warn(`${sentence(url, answer.status, received)} (retrying in ${wait} s)`);
      await sleep(wait * 1000);
    }
  };
}

function access(issuer, { ADMIN_TOKEN }) {
  const secret = ADMIN_TOKEN?.trim();
  if (!secret) throw new Error("Set ADMIN_TOKEN in the environment to the Worker's secret ADMIN_TOKEN");
  if (!/^[ -~]+$/.test(secret)) throw new Error("ADMIN_TOKEN has characters that an HTTP header cannot contain");
  if (!URL.canParse(issuer)) throw new Error(`"${issuer}" is not the URL of an issuer, like https://auth.example.com`);
  const parsed = new URL(issuer);
  if (parsed.protocol !== "https:" && !isLocal(parsed)) {
    throw new Error(`${issuer} is not https: others on the network could read the operator's secret`);
  }
  return { api: `${issuer.replace(/\/+$/, "")}/admin`, authorization: `Bearer ${secret}` };
}

async function exchange(url, init, ms) {
  try {
    const answer = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(ms) });
    return { answer, received: await answer.text() };
  } catch (error) {
    throw new Error(`${url.split("?")[0]} cannot be reached: ${error.cause?.message ?? error.message}`);
  }
}

function sentence(url, status, received) {
  let body = {};
  try {
    body = JSON.parse(received);
  } catch {}
  // A body of another server is shown as it is.
  const reason = body.error_description ?? received.slice(0, 200);
  if (status === 404 && body.error !== "not_found") {
    const where = isLocal(new URL(url)) ? "in .dev.vars, and was Rollcall restarted since" : "as a secret of the Worker";
    return `There is no operator's API at ${url.split("?")[0]}: is ADMIN_TOKEN set ${where}?`;
  }
  const remedy = body.error === "policy_violation" ? ". To store it all the same, repeat the command with --override-policy" : "";
  return `${status}: ${printable(reason)}${remedy}`;
}

/** The clients that match the conditions, page by page. */
export async function* pages(call, conditions) {
  let cursor;
  do {
    const query = new URLSearchParams({ ...conditions, limit: 1000, ...(cursor && { cursor }) });
    const page = JSON.parse((await call("GET", `/clients?${query}`, { retry: true })).text);
    yield page.clients;
    cursor = page.cursor;
  } while (cursor);
}
