// The check of hosted documents from outside (docs/hosted-documents.md): a client registers, its document is fetched as authorization
// servers fetch it, and the client is deleted. A shared client, which nobody can delete, stays.

import { HEADERS, READ_BYTES, TIMEOUT_MS, examineDocument } from "./documents.mjs";
import { describe, get, isLocal } from "./issuer.mjs";
import { commandLine } from "./installation.mjs";

const CLIENT = { client_name: "Doctor", redirect_uris: ["https://client.example/callback"] };

const BREAKS = "authorization servers that resolve documents do not know the clients that register here";
const ROUTE = "Route the host of DOCUMENT_BASE, with the path /clients/*, to the Worker";
const BOTS = "Exclude the documents from the bot protection of the zone: servers that read them cannot solve a challenge";
const INTACT = "Find what changes the document on its way from the Worker";
const AGENT = "Turn off the Browser Integrity Check and similar rules for the documents: some servers send no User-Agent";

const finding = (severity, member, wrong, breaks, fix) => ({ severity, member, wrong, breaks, fix });

/** Sends `body` as JSON. */
const post = (url, body) => get(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/**
 * The findings about the documents of the Rollcall at `endpoint`, its registration endpoint; none if it hosts none, or if it does not
 * let the doctor register. `checkDocument` is the Worker's check.
 */
export async function examineHosted(endpoint, checkDocument) {
  const tried = await post(`${endpoint}?dry_run=true`, { ...CLIENT, token_endpoint_auth_method: "client_secret_basic" });
  const errors = Array.isArray(tried.json?.errors) ? tried.json.errors : [];
  if (!errors.some(({ rule }) => rule === "hosted_auth_method")) return [];
  const { status, json } = await post(endpoint, CLIENT);
  if (status !== 201) return [unchecked(`the doctor cannot register: ${json?.error_description ?? `status ${status}`}`)];
  const { client_id: url, registration_client_uri: uri, registration_access_token: token } = json;
  try {
    if (json.status === "pending") return [unchecked("a client waits for approval")];
    const id = new URL(uri ?? url).pathname.split("/").pop();
    if (!url.endsWith(`/clients/${id}`)) return [unchecked(`the client_id is ${url}`)];
    return isLocal(new URL(url)) ? [] : await examine(url, checkDocument);
  } finally {
    if (uri) await get(uri, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
  }
}

function unchecked(reason) {
  const breaks = "the doctor cannot say whether authorization servers can read them";
  return finding("warning", "hosted documents", `were not checked: ${reason}`, breaks, `Check the document of a client: ${commandLine("doctor", "--document URL")}`);
}

/** What keeps servers from reading the document at `url`. */
async function examine(url, checkDocument) {
  const { response, findings } = await examineDocument(url, undefined, checkDocument);
  if (findings.length > 0) {
    return findings.map(({ severity, wrong }) => finding(severity, `${url}:`, wrong, BREAKS, fixOf(response)));
  }
  const anonymous = await get(url, { limits: { bytes: READ_BYTES, ms: TIMEOUT_MS }, headers: { ...HEADERS, "user-agent": "" } });
  if (anonymous.status === 200) return [];
  return [finding("fatal", `${url}:`, `the document ${describe(anonymous)}, if the request has no User-Agent`, BREAKS, AGENT)];
}

function fixOf({ status, type }) {
  if ([401, 403, 429, 503].includes(status)) return BOTS;
  return status === 200 && type === "application/json" ? INTACT : ROUTE;
}
