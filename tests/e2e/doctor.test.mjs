// npm run doctor: its findings about configurations and running issuers, and its exit codes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { doctor as runDoctor, messageOf } from "../../scripts/doctor.mjs";
import { freePort } from "../../scripts/lib/ports.mjs";
import { spawnGuarded } from "../../scripts/lib/process.mjs";
import { ending } from "./support/processes.mjs";
import { startServer } from "./support/server.mjs";

const script = fileURLToPath(new URL("../../scripts/doctor.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "rollcall-doctor-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command in this process, which takes a tenth of the time of a process of its own. */
async function doctor(...args) {
  const lines = [];
  const code = await runDoctor(args, (text) => lines.push(text)).catch((error) => (lines.push(messageOf(error)), 2));
  return { code, output: lines.map((text) => `${text}\n`).join("") };
}

async function doctorCommand(...args) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const { code, stdout, stderr } = await ending(child);
  return { code, output: stdout + stderr };
}

const names = ["ADDRESS_LIMIT", "NETWORK_LIMIT", "WORKERS_LIMIT", "FAILURE_LIMIT", "ISSUER_LIMIT", "UPDATE_LIMIT"];
const limits = names.map(
  (name) => `[[ratelimits]]\nname = "${name}"\nnamespace_id = "1"\nsimple = { limit = 20, period = 60 }\n`,
);
const kv = 'kv_namespaces = [{ binding = "CLIENTS" }]\n';
const objects = 'durable_objects = { bindings = [{ name = "INITIAL_ACCESS_TOKENS", class_name = "X" }] }\n';
const bound = [kv, objects, ...limits].join("");
const fetchNames = ["DOCUMENT_LIMIT", "DOCUMENT_HOST_LIMIT", "DOCUMENTS_LIMIT"];
/** With the limits of fetches, which only some configurations need. */
const allBound = bound + fetchNames.map((name) => limits[0].replace("ADDRESS_LIMIT", name)).join("");
const publicFetch = 'compatibility_flags = ["global_fetch_strictly_public"]\n';

function configuration(vars, bindings = bound, cache = "cache = { enabled = true }\n") {
  const file = join(folder, "wrangler.toml");
  const head = 'name = "x"\nmain = "x.js"\ncompatibility_date = "2026-11-01"\n';
  writeFileSync(file, `${head}${cache}${bindings}[vars]\n${vars}`);
  return ["--config", file];
}

async function serve(answer) {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

const sound = `ISSUER = "https://auth.example.com"
[vars.METADATA]
authorization_endpoint = "/authorize"
token_endpoint = "/token"
authorization_response_iss_parameter_supported = true
`;

test("a sound configuration has nothing to fix", async () => {
  const { code, output } = await doctorCommand(...configuration(sound), "--strict");
  assert.match(output, /https:\/\/auth\.example\.com: nothing to fix\n {2}cache: on\n(?: {2}an? .*\n){4}\n0 fatal, 0 warnings/);
  assert.equal(code, 0);
});

test("doctor says whether the cache of a configuration is on and may store documents", async () => {
  const hosts = (...issuers) => sound.replace(/^ISSUER = .*\n/, "") + issuers.map((issuer) => `[vars.ISSUERS."${issuer}"]\n`).join("");
  const inline = "cache = { enabled = true, cross_version_cache = true }\n";
  const entrypoint = `[exports.default]\ntype = "worker"\ncache = { enabled = false }\n`;
  for (const [vars, cache, bindings, said, warning] of [
    [sound, "", bound, "off", /warning +cache\.enabled is not true\n +breaks: .+ every request/],
    [sound, "cache = { enabled = false }\n", bound, "off", /warning +cache\.enabled is not true/],
    [sound, undefined, bound + entrypoint, "off", /warning +cache\.enabled is not true/],
    [sound, inline, bound, "on", /warning +cache\.cross_version_cache is true/],
    [hosts("https://a.example/1", "https://a.example/2"), undefined, bound, "on", undefined],
    [hosts("https://a.example", "https://b.example"), undefined, bound, "on, but documents are not stored: the issuers are on several hosts", undefined],
  ]) {
    const { code, output } = await doctor(...configuration(vars, bindings, cache));
    assert.ok(output.includes(`  cache: ${said}`), output);
    if (warning) assert.match(output, warning);
    assert.match(output, warning ? /\n0 fatal, 1 warnings\n/ : /\n0 fatal, 0 warnings\n/);
    assert.equal(code, 0, output);
  }
});

test("doctor says whether Cf-Cache-Status of a deployed issuer confirms the cache", async () => {
  const ray = { "cf-ray": "8f0a-FRA" };
  for (const [statuses, said, warning] of [
    [undefined, "not in use: the document does not come through Cloudflare", false],
    [[undefined], "off", /warning +http:\S+ has no Cf-Cache-Status\n +breaks: .+cache is off/],
    [["MISS", "HIT"], "on, and the document comes from it (Cf-Cache-Status: HIT)", false],
    [["MISS", "MISS", "MISS", "HIT"], "on, and the document comes from it (Cf-Cache-Status: HIT)", false],
    [["MISS"], "on, but the document did not come from it in 3 requests (Cf-Cache-Status: MISS)", false],
    [["BYPASS"], "on, but the document is not stored, as for issuers on several hosts (Cf-Cache-Status: BYPASS)", false],
    [["DYNAMIC"], "not in use for the document (Cf-Cache-Status: DYNAMIC)", false],
    [["STALE"], "on, and it serves an expired document (Cf-Cache-Status: STALE)", /warning +http:\S+ is served from the cache although it has expired/],
  ]) {
    let asked = 0;
    const url = await serve((request, response) => {
      const issuer = `http://${request.headers.host}`;
      response.setHeader("content-type", "application/json");
      if (request.method !== "GET" || request.url !== "/.well-known/oauth-authorization-server") {
        return response.writeHead(404).end('{"error":"x"}');
      }
      // The last one stays.
      const status = statuses?.[Math.min(asked, statuses.length - 1)];
      asked += 1;
      const cached = { ...(statuses && ray), ...(status && { "cf-cache-status": status }) };
      response.writeHead(200, cached).end(JSON.stringify({ issuer }));
    });
    const { output } = await doctor(url);
    assert.ok(output.includes(`\n  cache: ${said}\n`), output);
    if (warning) assert.match(output, warning);
    else assert.doesNotMatch(output, /Cf-Cache-Status\n|although it has expired/);
    const [{ cache }] = JSON.parse((await doctor(url, "--json")).output);
    if (statuses?.length === 1 || !statuses) assert.equal(cache, said);
  }
});

test("a configuration that cannot be served is fatal, and what is wrong is named", async () => {
  for (const [vars, wrong] of [
    ["", /FATAL +ISSUER is not set/],
    [sound.replace('"/token"', '"token"'), /FATAL +METADATA\.token_endpoint is "token", but must be an https URL/],
    [sound.replace("https:", "http:"), /FATAL +ISSUER is "http:/],
    [sound.replace('token_endpoint = "/token"', ""), /FATAL +token_endpoint is missing/],
  ]) {
    const { code, output } = await doctor(...configuration(vars));
    assert.match(output, wrong);
    assert.match(output, /breaks: .+\n +fix: +.+/);
    assert.equal(code, 1, output);
  }
});

test("every error of a configuration is a finding of its own", async () => {
  const vars = `${sound}[vars.REGISTRATION]\nmode = "opne"\nidle_client_ttl = 1\n[vars.POLICY]\nhttps_redirects = true\nredirect_hosts = ["a.example", "*"]\nlogos = "drop"\n`;
  const { code, output } = await doctor(...configuration(vars));
  for (const wrong of [
    /FATAL +REGISTRATION\.mode is "opne", but must be "open" or "token" or /,
    /FATAL +REGISTRATION\.idle_client_ttl is 1, but must be 0 \(for ever\), or whole seconds from 60 to /,
    /FATAL +POLICY\.redirect_hosts\[1\] is "\*", but must be a host name, or /,
    /FATAL +POLICY\.logos is not known here \(did you mean logo\?\)/,
  ]) {
    assert.match(output, wrong);
  }
  assert.match(output, /\n4 fatal, 0 warnings\n/);
  assert.equal(code, 1);
});

test("problems of wrangler.toml that the Worker cannot see, or finds too late, are named", async () => {
  for (const [vars, bindings, wrong, fatal] of [
    [sound, objects + limits.join(""), /FATAL +CLIENTS is missing as a KV namespace/, true],
    ...names.map((name) => [sound, bound.replace(name, "OTHER"), new RegExp(`warning +${name} is missing as a rate limit`), false]),
    [sound, kv + limits.join(""), /FATAL +INITIAL_ACCESS_TOKENS is missing as a Durable Object/, true],
    [`ADMIN_TOKEN = "x"\n${sound}`, bound, /FATAL +ADMIN_TOKEN is a secret in plain text/, true],
    [`${sound}[vars.ANONYMOUS_POLICY]\nscopes = ["a"]`, bound, /warning +ANONYMOUS_POLICY has no effect/, false],
    [`${sound}[vars.POLICY]\nredirect_hosts = ["a.example"]`, bound, /warning +POLICY\.redirect_hosts restricts only https redirect URIs/, false],
    [`${sound}[vars.REGISTRATION]\nmodes = "open"`, bound, /FATAL +REGISTRATION\.modes is not known here \(did you mean mode\?\)/, true],
    [`${sound.replace('ISSUER = "https://auth.example.com"\n', "")}[vars.ISSUERS."https://a.example".REGISTRATION]\nmodes = "open"`, bound, /FATAL +ISSUERS\."https:\/\/a\.example"\.REGISTRATION\.modes is not known here \(did you mean mode\?\)/, true],
    [`${sound}[vars.REGISTRATION]\nrecord_uses = "2999-01-01"`, bound, /warning +REGISTRATION\.record_uses is a day in the future/, false],
    [`${sound}[vars.REGISTRATION]\nrecord_uses = false\nidle_client_ttl = 60`, bound, /warning +REGISTRATION\.record_uses has no effect/, false],
    [`${sound}[vars.REGISTRATION]\nshared_public_clients = true\nunused_client_ttl = 60`, bound, /warning +REGISTRATION\.shared_public_clients is true without idle_client_ttl/, false],
    [`${sound}[vars.REGISTRATION]\nrecord_uses = "yes"`, bound, /FATAL +REGISTRATION\.record_uses is "yes", but must be true, false, or the day/, true],
    [sound, `routes = [{ pattern = "auth.example.com", custom_domain = true }]\nworkers_dev = true\n${bound}`, /warning +workers_dev is true although there is a domain/, false],
    [sound, `route = "auth.example.com/reg"\nworkers_dev = false\npreview_urls = true\n${bound}`, /warning +preview_urls is true although there is a domain/, false],
    [`${sound}[vars.REGISTRATION]\nallowed_origins = ["https://a.example/"]`, bound, /FATAL +REGISTRATION\.allowed_origins\[0\] is "https:\/\/a\.example\/", but must be an origin/, true],
    [`${sound}[vars.POLICY]\nredirect_hosts = ["*.xn--a"]\nhttps_redirects = true`, bound, /FATAL +POLICY\.redirect_hosts\[0\] is "\*\.xn--a", but must be without host names whose xn-- labels do not decode/, true],
    ...fetchNames.map((name) => [`${sound}[vars.DOCUMENTS]\nmode = "listed"\nurls = ["https://a.example/*"]`, allBound.replace(name, "OTHER"), new RegExp(`warning +${name} is missing as a rate limit\\n +breaks: these fetches`), false]),
    ...fetchNames.map((name) => [`${sound}[vars.REGISTRATION]\nfetch_sector_identifiers = true`, allBound.replace(name, "OTHER"), new RegExp(`warning +${name} is missing`), false]),
    [`${sound}[vars.DOCUMENTS]\nmode = "open"`, allBound, /warning +DOCUMENTS\.mode is open without the compatibility flag global_fetch_strictly_public\n +line: +\d+/, false],
    [`${sound}[vars.DOCUMENTS]\nmode = "listed"\ndenied_hosts = ["a.example"]`, allBound, /warning +DOCUMENTS\.mode is listed, and no document is listed or pinned/, false],
    [`${sound}[vars.POLICY]\nrequire_certificate = true`, bound, /warning +POLICY\.require_certificate is true without a domain/, false],
    [`${sound}[vars.POLICY]\nbind = "sha256"`, `route = "auth.example.com/reg"\n${bound}`, /warning +POLICY\.bind is set without require_certificate/, false],
    [`${sound}[vars.REGISTRATION]\nmtls_base = "https://mtls.example.com"`, bound, /warning +REGISTRATION\.mtls_base is set, but no policy is about certificates/, false],
    [`${sound}[vars.REGISTRATION]\nmtls_base = "https://auth.example.com/mtls"\n[vars.POLICY]\ncertificate = { issuers = ["CN=CA"] }`, bound, /warning +REGISTRATION\.mtls_base is on the host of the issuer/, false],
    [`${sound}[vars.POLICY]\ncertificate = { issuer = ["CN=CA"] }`, bound, /FATAL +POLICY\.certificate\.issuer is not known here \(did you mean issuers\?\)/, true],
    [`ISUER = "x"\n${sound}`, bound, /warning +ISUER is a variable[^]*Did you mean ISSUER\?/, false],
  ]) {
    const { code, output } = await doctor(...configuration(vars, bindings));
    assert.match(output, wrong);
    assert.equal(code, fatal ? 1 : 0, output);
    assert.match(output, /\n1 fatal, 0 warnings\n|\n0 fatal, 1 warnings\n/);
  }
});

test("the compatibility flag for public fetches suits documents, and not an upstream document on a host of this Worker", async () => {
  const upstream = (host) => `ISSUER = "https://auth.invalid"\nUPSTREAM_METADATA = "https://${host}/metadata"\n`;
  const open = '[vars.DOCUMENTS]\nmode = "open"\n';
  const pinned = '[vars.DOCUMENTS]\nmode = "listed"\n[vars.DOCUMENTS.pinned."https://a.example/c"]\nclient_id = "https://a.example/c"\n';
  const own = /FATAL +UPSTREAM_METADATA is on the host of an issuer\n +line: +\d+\n +breaks: .*508/;
  const others = sound.replace(/^ISSUER = .*\n/, "");
  const entry = '[vars.ISSUERS."https://a.invalid"]\nUPSTREAM_METADATA = "https://b.invalid/metadata"\n[vars.ISSUERS."https://b.invalid"]\n';
  for (const [vars, bindings, expected] of [
    [sound + open, publicFetch + allBound, undefined],
    [sound + pinned, allBound, undefined],
    [`${sound}[vars.DOCUMENTS]\nmode = "by_as"\n`, bound, undefined],
    [upstream("auth.invalid"), publicFetch + bound, own],
    [others + entry, publicFetch + bound, /FATAL +ISSUERS\."https:\/\/a\.invalid"\.UPSTREAM_METADATA is on the host of an issuer/],
    [upstream("upstream.invalid"), publicFetch + bound, undefined],
    [others + entry, bound, undefined],
    [upstream("auth.invalid") + open, allBound, /warning +DOCUMENTS\.mode is open without[^]*fix: +Use the mode listed\./],
    [sound + open, allBound, /warning +DOCUMENTS\.mode is open without[^]*fix: +Add "global_fetch_strictly_public"/],
  ]) {
    const { output } = await doctor(...configuration(vars, bindings));
    if (expected) assert.match(output, expected);
    else assert.doesNotMatch(output, /is on the host of an issuer|global_fetch_strictly_public|is missing as a rate limit|no document is listed/);
  }
});

test("the merged settings of each issuer of several are examined, neither the shared ones nor its own alone", async () => {
  const shared = sound.replace('ISSUER = "https://auth.example.com"\n', "");
  const issuer = (name, table, line) => `[vars.ISSUERS."https://${name}.example".${table}]\n${line}\n`;
  const tempered = [
    `[vars.REGISTRATION]\nmode = "tiered"\n${issuer("a", "ANONYMOUS_POLICY", 'scopes = ["a"]')}`,
    `[vars.ANONYMOUS_POLICY]\nscopes = ["a"]\n${issuer("a", "REGISTRATION", 'mode = "tiered"')}`,
    `[vars.POLICY]\nredirect_hosts = ["a.example"]\n${issuer("a", "POLICY", "https_redirects = true")}`,
  ];
  for (const vars of tempered) {
    const { code, output } = await doctor(...configuration(shared + vars, bound), "--strict");
    assert.deepEqual([code, /0 fatal, 0 warnings/.test(output)], [0, true], output);
  }
  const vars = `[vars.ANONYMOUS_POLICY]\nscopes = ["a"]\n${issuer("a", "REGISTRATION", 'mode = "tiered"')}${issuer("b", "POLICY", 'scopes = ["a"]')}`;
  const { output } = await doctor(...configuration(shared + vars, bound));
  assert.match(output, /warning +ISSUERS\."https:\/\/b\.example"\.ANONYMOUS_POLICY has no effect/);
  assert.match(output, /\n0 fatal, 1 warnings\n/);
});

test("warnings end with 0, and with 1 where they are to count", async () => {
  const args = configuration(sound.replace("authorization_response_iss_parameter_supported = true", ""));
  const { code, output } = await doctor(...args);
  assert.match(output, /warning +authorization_response_iss_parameter_supported is not true/);
  assert.equal(code, 0);
  assert.equal((await doctor(...args, "--strict")).code, 1);
  const json = JSON.parse((await doctor(...args, "--json")).output);
  assert.deepEqual(json[0].findings.map(({ severity, member }) => [severity, member]), [
    ["warning", "authorization_response_iss_parameter_supported"],
  ]);
});

test("the document that UPSTREAM_METADATA points at is examined too", async () => {
  const url = await serve((_, response) => response.end(JSON.stringify({ issuer: "https://evil.example" })));
  const vars = `ISSUER = "https://auth.example.com"\nUPSTREAM_METADATA = "${url}/metadata"\n`;
  const { code, output } = await doctor(...configuration(vars));
  assert.match(output, /FATAL +UPSTREAM_METADATA is the document of another issuer, https:\/\/evil\.example/);
  assert.equal(code, 1);
});

test("a check that cannot be made ends with 2", async () => {
  assert.equal((await doctorCommand("--config", join(folder, "missing.toml"))).code, 2);
  assert.equal((await doctorCommand("auth.example.com")).code, 2);
  assert.equal((await doctorCommand("--no-such-option")).code, 2);
  const nowhere = await doctor(...configuration(sound), "--env", "staging");
  assert.deepEqual([nowhere.code, /There is no \[env\.staging\] in/.test(nowhere.output)], [2, true], nowhere.output);
  const broken = await doctor(...configuration(`${sound}\nx = y`));
  assert.equal(broken.code, 2);
  assert.match(broken.output, /^\S+wrangler\.toml:\d+:\d+: [^\n]+\n$/);
});

test("a running issuer of ours is sound, in every form", async () => {
  const METADATA = {
    authorization_endpoint: "/authorize",
    token_endpoint: "/token",
    authorization_response_iss_parameter_supported: true,
  };
  let issuers;
  const server = await startServer({
    vars: (url) => ((issuers = [url, `${url}/t1`]), { METADATA, ISSUERS: Object.fromEntries(issuers.map((issuer) => [issuer, {}])) }),
  });
  try {
    const { code, output } = await doctor(...issuers, "--strict");
    assert.match(output, /nothing to fix[^]+nothing to fix[^]+0 fatal, 0 warnings/);
    assert.equal(code, 0);
  } finally {
    await server.stop();
  }
});

test("an issuer that serves pages on listed origins only is a warning, not one of a broken server", async () => {
  const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token", authorization_response_iss_parameter_supported: true };
  const REGISTRATION = { allowed_origins: ["https://other.example"] };
  const server = await startServer({ vars: (url) => ({ ISSUER: url, METADATA, REGISTRATION }) });
  try {
    const { code, output } = await doctor(server.url);
    assert.match(output, /warning +http:\S+\/reg rejects pages on origins that its operator has not listed/);
    assert.match(output, /\n0 fatal, 1 warnings\n/);
    assert.equal(code, 0);
  } finally {
    await server.stop();
  }
});

test("findings about a server say what breaks clients and how to fix it", async () => {
  const url = await serve((request, response) => {
    if (request.url.startsWith("/.well-known/oauth-authorization-server")) {
      const issuer = `http://${request.headers.host}`;
      return response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token`, registration_endpoint: `${issuer}/reg`, jwks_uri: null }));
    }
    if (request.url === "/reg" && request.method === "POST") return response.writeHead(201).end("{}");
    response.writeHead(200, { "content-type": "text/html" }).end("<html>Log in</html>");
  });
  const { code, output } = await doctor(url);
  for (const wrong of [
    /FATAL +jwks_uri is null or empty/,
    /FATAL +authorization_endpoint is missing/,
    /FATAL +response_types_supported is missing/,
    /FATAL +http:\S+\/openid-configuration responds with status 200 and text\/html/,
    /FATAL +http:\S+\/there-is-nothing-here responds with status 200/,
    /FATAL +registration_endpoint registers a relative redirect URI/,
    /warning +http:\S+ has no Access-Control-Allow-Origin/,
    /warning +code_challenge_methods_supported lacks S256/,
  ]) {
    assert.match(output, wrong);
  }
  assert.equal(code, 1);
});

test("an upstream that cannot be had, a misspelt variable and a loopback issuer are named", async () => {
  const gone = await serve((_, response) => response.writeHead(302, { location: "https://elsewhere.example" }).end());
  const vars = `ISSUER = "http://localhost:8787"\nUPSTREAM_METADATA = "${gone}/m"\nMETADTA = "x"\n`;
  const { code, output } = await doctor(...configuration(vars));
  assert.match(output, /FATAL +UPSTREAM_METADATA \(http:\S+\) is a redirect to https:\/\/elsewhere\.example/);
  assert.match(output, /FATAL +the issuer is on a loopback host/);
  assert.match(output, /warning +METADTA is a variable that Rollcall does not know/);
  assert.equal(code, 1);
});

test("only what is the issuer's own is called, and text of others is harmless", async () => {
  let called = 0;
  const victim = await serve((_, response) => (called += 1, response.end("{}")));
  const url = await serve((request, response) => {
    response.setHeader("content-type", "application/json");
    const issuer = `http://${request.headers.host}`;
    if (request.url.startsWith("/.well-known/oauth-authorization-server")) {
      return response.end(JSON.stringify({ issuer, registration_endpoint: `${victim}/reboot`, "\u001b]0;pwn\u0007": null }));
    }
    response.writeHead(404).end('{"error":"x"}');
  });
  const { output } = await doctor(url);
  assert.equal(called, 0);
  assert.match(output, /registration_endpoint was not called/);
  assert.ok(!output.includes("\u001b") && output.includes("\\u{1b}]0;pwn"));
});

test("a server with an OpenID document only is examined all the same", async () => {
  const url = await serve((request, response) => {
    response.setHeader("content-type", "application/json");
    const issuer = `http://${request.headers.host}`;
    if (request.url === "/.well-known/openid-configuration") return response.end(JSON.stringify({ issuer }));
    response.writeHead(404).end('{"error":"x"}');
  });
  const { output } = await doctor(url);
  assert.match(output, /warning +http:\S+oauth-authorization-server responds with status 404/);
  assert.match(output, /FATAL +token_endpoint is missing/);
});

/** A row: lines of [vars], and for each finding its line in the file, the wrong text, and the advice. */
const MISTAKES = [
  [
    [
      'ISSUER = "https://auth.example.com"',
      "[vars.METADATA]",
      'authorization_endpoint = "/authorize"',
      'token_endpoint = "/token"',
      'scope_supported = ["openid"]',
      "[vars.POLICY]",
      'redirect_host = ["app.example"]',
      'redirect_schemes = ["https", "javascript"]',
      "[vars.REGISTRATION]",
      'mode = "opne"',
      "idle_client_ttl = 5",
    ],
    [
      [5, /METADATA\.scope_supported is not known here \(did you mean scopes_supported\?\)/],
      [7, /POLICY\.redirect_host is not known here \(did you mean redirect_hosts\?\)/],
      [8, /POLICY\.redirect_schemes\[1\] is "javascript", but must be /],
      [10, /REGISTRATION\.mode is "opne", but must be "open" or /],
      [11, /REGISTRATION\.idle_client_ttl is 5, but must be /],
    ],
  ],
  [
    [
      "[vars.METADATA]",
      'authorization_endpoint = "/authorize"',
      'token_endpoint = "/token"',
      'scopes_supported = ["openid"]',
      '[vars.ISSUERS."https://auth.example.com/t1"]',
      'POLICY = { scopes = ["opnid"] }',
      '[vars.ISSUERS."https://auth.example.com/t2"]',
      "[vars.REGISTRATON]",
    ],
    [
      [6, /POLICY\.scopes leaves nothing.*Did you mean openid\?/s],
      [8, /REGISTRATON is a variable that Rollcall does not know[^]*Did you mean REGISTRATION\?/],
    ],
  ],
  // A name that does not exist hides no problem of the other settings.
  [
    [
      'ISSUER = "https://auth.example.com"',
      "[vars.METADATA]",
      'authorization_endpoint = "/authorize"',
      'token_endpoint = "/token"',
      'scopes_supported = ["openid"]',
      "[vars.POLICY]",
      'redirect_host = ["app.example"]',
      'scopes = ["opnid"]',
    ],
    [
      [7, /POLICY\.redirect_host is not known here \(did you mean redirect_hosts\?\)/],
      [8, /POLICY\.scopes leaves nothing.*Did you mean openid\?/s],
    ],
  ],
];

for (const [at, [lines, expected]] of MISTAKES.entries()) {
  test(`the doctor names file, line, wrong text and what was meant, all at once: ${at}`, async () => {
    const args = configuration(`${lines.join("\n")}\n`);
    const { code, output } = await doctor(...args, "--json");
    const findings = JSON.parse(output).flatMap((report) => report.findings);
    assert.equal(code, 1, output);
    const before = readFileSync(args[1], "utf8").split("\n").indexOf("[vars]") + 1;
    for (const [line, wrong] of expected) {
      const text = ({ member, wrong, fix }) => `${member} ${wrong} ${fix}`;
      const found = findings.find((one) => wrong.test(text(one)));
      assert.ok(found, `${wrong}\n${output}`);
      assert.equal(found.line, before + line, JSON.stringify(found));
    }
  });
}

test("what a configuration needs is listed, with what is missing and the command that sets it", async () => {
  const webhook = `${sound}[vars.WEBHOOK]\nurl = "https://audit.example.com/"\n[vars.REGISTRATION]\nmode = "token"\n`;
  const args = configuration(webhook, limits.join(""));
  const { output } = await doctor(...args, "--json");
  const [{ needs }] = JSON.parse(output);
  const told = Object.fromEntries(needs.map(({ name, required, found }) => [name, [required, Boolean(found)]]));
  assert.deepEqual(told, {
    CLIENTS: [true, false],
    INITIAL_ACCESS_TOKENS: [true, false],
    ADMIN_TOKEN: [true, false],
    AS_TOKEN: [false, false],
    WEBHOOK_SECRET: [true, false],
    SEALING_KEY: [false, false],
    AS_SECRETS_TOKEN: [false, false],
    ID_KEY: [false, false],
    SHARED_ID_KEY: [false, false],
  });
  const text = (await doctor(...args)).output;
  assert.match(text, /needed {4}WEBHOOK_SECRET \(secret\): MISSING[^]*secret put WEBHOOK_SECRET\n/);
  writeFileSync(join(folder, ".dev.vars"), 'WEBHOOK_SECRET = "a-secret-of-24-bytes-or-more"\nADMIN_TOKEN=\n');
  const again = (await doctor(...args)).output;
  rmSync(join(folder, ".dev.vars"));
  assert.match(again, /WEBHOOK_SECRET \(secret\): in \.dev\.vars/);
  assert.match(again, /ADMIN_TOKEN \(secret\): MISSING/);
  const jwt = sound.replace("[vars.METADATA]\n", '$&token_endpoint_auth_methods_supported = ["client_secret_jwt"]\n');
  const sealed = await doctor(...configuration(jwt), "--json");
  const [{ needs: ofJwt, findings }] = JSON.parse(sealed.output);
  assert.equal(ofJwt.find(({ name }) => name === "SEALING_KEY").required, true);
  assert.ok(!findings.some(({ member }) => /SEALING_KEY/.test(member)), "the key is a secret, which the doctor cannot see");
});

test("model clients are tried, and the doctor says what each would get", async () => {
  const policy = `${sound}grant_types_supported = ["authorization_code"]\n[vars.POLICY]\nredirect_hosts = ["app.example"]\nhttps_redirects = true\n`;
  const { output } = await doctor(...configuration(policy));
  assert.match(output, /\n {2}a web page is registered with token_endpoint_auth_method none; grant_types authorization_code; redirect_uris https:\/\/app\.example\/callback\n/);
  assert.match(output, /\n {2}a native app is rejected: .*redirect_uris\[0\]/);
  assert.match(output, /\n {2}an MCP client is rejected: /);
  assert.match(output, /\n {2}a service is rejected: grant_types /);
});

test("what wrangler or the command line does not take is one sentence", async () => {
  const period = bound.replace("period = 60", "period = 30");
  for (const [args, sentence] of [
    [configuration(sound, period), /period/],
    [["--colour"], /--colour/],
    [["--env"], /--env/],
    [["nonsense"], /^nonsense is not a URL/],
  ]) {
    const { code, output } = await doctor(...args);
    assert.equal(code, 2, output);
    assert.match(output, sentence);
    assert.doesNotMatch(output, /\n\s+at /);
  }
});

test("npm run deploy runs the doctor first, and --anyway skips it", { timeout: 120_000 }, async () => {
  const deploy = fileURLToPath(new URL("../../scripts/deploy.mjs", import.meta.url));
  const run = async (...args) => {
    const env = { ...process.env, ROLLCALL_SKIP_BUILD: "1", CLOUDFLARE_API_TOKEN: "none" };
    return ending(spawn(process.execPath, [deploy, ...args, "--dry-run"], { env, stdio: ["ignore", "pipe", "pipe"] }));
  };
  const args = configuration('ISSUER = "nonsense"\n');
  writeFileSync(join(folder, "x.js"), 'import { DurableObject } from "cloudflare:workers";\nexport class X extends DurableObject {}\nexport default { fetch: () => new Response() };\n');
  const refused = await run(...args);
  assert.equal(refused.code, 1, refused.stdout + refused.stderr);
  assert.match(refused.stdout + refused.stderr, /ISSUER is "nonsense"[^]*Nothing was deployed\./);
  const anyway = await run(...args, "--anyway");
  assert.equal(anyway.code, 0, anyway.stdout + anyway.stderr);
});

test("npm start says why every request would be 500, instead of being ready", { timeout: 120_000 }, async () => {
  const start = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));
  const port = String(await freePort());
  const vars = ["--var", 'REGISTRATION:{"mode":"opne"}', "--var", "REGISTRATON:1"];
  const args = [start, "--port", port, "--persist-to", join(folder, "state"), ...vars];
  const child = spawnGuarded(process.execPath, args, { env: { ...process.env, ROLLCALL_SKIP_BUILD: "1" } });
  const ended = once(child, "close");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  try {
    for (let tries = 0; tries < 600 && !/with 500: .*\n[^]*npm run doctor/.test(output); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.match(output, /answers every request on \S+ with 500: REGISTRATION\.mode is "opne"/);
    assert.doesNotMatch(output, /Rollcall is ready/);
    assert.match(output, /"unknown_variable":"REGISTRATON","did_you_mean":"REGISTRATION"/);
  } finally {
    child.stdin.end();
    await ended;
  }
  const bad = await ending(spawn(process.execPath, [start, "--port", "eighty"], { stdio: ["ignore", "pipe", "pipe"] }));
  assert.match(bad.stdout + bad.stderr, /--port eighty is not a port/);
  assert.doesNotMatch(bad.stdout + bad.stderr, /\n\s+at /);
});

test("trusted issuers of software statements are checked, and whether their keys can be fetched", async () => {
  const keys = await serve((request, response) => {
    const body = request.url === "/good" ? { keys: [{ kty: "EC" }] } : { keys: [] };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  const issuer = (iss, uri) => `{ iss = "${iss}", jwks_uri = "${uri}" }`;
  const of = (...issuers) => `ISSUER = "https://auth.example.com"\nMETADATA = { authorization_endpoint = "/a", token_endpoint = "/t" }\n`
    + `SOFTWARE_STATEMENTS = { issuers = [${issuers.join(", ")}] }\n`;
  const good = await doctor(...configuration(of(issuer("a", `${keys}/good`))));
  assert.doesNotMatch(good.output, /SOFTWARE_STATEMENTS/);
  const bad = await doctor(...configuration(of(issuer("a", `${keys}/good`), issuer("b", `${keys}/empty`), issuer("c", "http://127.0.0.1:9/"))));
  assert.equal(bad.code, 0, bad.output);
  assert.match(bad.output, /warning {2}SOFTWARE_STATEMENTS\.issuers\[1\]\.jwks_uri is no JWK set of 1 to 100 keys/);
  assert.match(bad.output, /warning {2}SOFTWARE_STATEMENTS\.issuers\[2\]\.jwks_uri cannot be reached: /);
  assert.match(bad.output, /breaks: registrations with a software statement of c get 503/);
  const fatal = await doctor(...configuration(of('{ iss = "a", jwks_uri = "ftp://a.example/", algs = ["HS256"] }')));
  assert.equal(fatal.code, 1);
  assert.match(fatal.output, /SOFTWARE_STATEMENTS\.issuers\[0\]\.algs\[0\] is "HS256", but must be one of RS256/);
  assert.match(fatal.output, /SOFTWARE_STATEMENTS\.issuers\[0\]\.jwks_uri is "ftp:\/\/a\.example\/", but must be an https URL/);
});
