// Checks of wrangler.toml that the Worker cannot make: bindings and secrets, and settings without the effect that they seem to have.

import { wranglerCommand } from "./installation.mjs";
import { PUBLIC_FETCH } from "./upgrade.mjs";

const finding = (severity, member, wrong, breaks, fix) => ({ severity, member, wrong, breaks, fix });

/** The bindings of the rate limits, as in `bundle/src/edge/limiter.rs`. */
const LIMITS = ["ADDRESS_LIMIT", "NETWORK_LIMIT", "WORKERS_LIMIT", "FAILURE_LIMIT", "ISSUER_LIMIT", "UPDATE_LIMIT"];

/** The limits of fetches, which only an issuer needs that fetches what clients name. */
const FETCH_LIMITS = ["DOCUMENT_LIMIT", "DOCUMENT_HOST_LIMIT", "DOCUMENTS_LIMIT"];

/** The findings of a configuration as wrangler reads it. */
export function examineSettings(settings) {
  const { vars, kv_namespaces = [], durable_objects = {}, ratelimits = [] } = settings;
  const issuers = effective(vars);
  const objects = durable_objects.bindings ?? [];
  const bound = [...bindings(kv_namespaces, objects), ...missingLimits(ratelimits, issuers)];
  const worker = [...bound, ...addresses(settings), ...caching(settings), ...publicFetch(settings, issuers)];
  return [...worker, ...secrets(vars), ...policies(issuers), ...certificates(settings, issuers), ...uses(issuers), ...documents(issuers)];
}

/** Whether Cloudflare's cache is on: the setting of the entrypoint overrides that of the Worker. */
const isCached = ({ cache, exports }) => exports?.default?.cache?.enabled ?? cache?.enabled ?? false;

/** The state of the cache for an issuer; `cacheable` says whether it may store the issuer's documents. */
export function cacheOf(settings, cacheable) {
  if (!isCached(settings)) return "off";
  return cacheable ? "on" : "on, but documents are not stored: the issuers are on several hosts, and the cache ignores the host";
}

function caching(settings) {
  const found = [];
  if (!isCached(settings)) {
    const breaks = "the Worker runs for every request for a discovery document";
    found.push(finding("warning", "cache.enabled", "is not true", breaks, "Set it to true under [cache]"));
  }
  if (settings.cache?.cross_version_cache) {
    const breaks = "after a deployment, documents of the previous version are served until they expire";
    found.push(finding("warning", "cache.cross_version_cache", "is true", breaks, "Remove it"));
  }
  return found;
}

/** Addresses of the Worker other than its domain: the firewall rules of the zone do not apply there. */
function addresses({ route, routes = [], workers_dev, preview_urls }) {
  if (!route && routes.length === 0) return [];
  const breaks = "firewall and rate limiting rules of your zone do not apply at that address. It serves the pages, and everything else is 404 unless the address is the issuer's host";
  return Object.entries({ workers_dev, preview_urls })
    .filter(([, value]) => value === true)
    .map(([name]) => finding("warning", name, "is true although there is a domain", breaks, `Set ${name} to false`));
}

/** The settings of each issuer: its own override the shared ones, member by member (docs/issuers.md). */
function effective(vars) {
  const own = Object.entries(vars.ISSUERS ?? {});
  const issuers = own.length > 0 ? own : [["", {}]];
  return issuers.map(([issuer, settings]) => {
    const laid = (name) => ({ ...vars[name], ...settings?.[name] });
    const registration = laid("REGISTRATION");
    const { mode = "open" } = registration;
    const held = { POLICY: laid("POLICY"), ANONYMOUS_POLICY: laid("ANONYMOUS_POLICY") };
    const identifier = issuer || vars.ISSUER;
    const upstream = issuer ? settings?.UPSTREAM_METADATA : vars.UPSTREAM_METADATA;
    return { place: issuer && `ISSUERS."${issuer}".`, identifier, upstream, mode, held, registration, documents: laid("DOCUMENTS") };
  });
}

function bindings(namespaces, objects) {
  const found = [];
  if (!namespaces.some(({ binding }) => binding === "CLIENTS")) {
    const breaks = "registrations cannot be stored: every request is 500";
    found.push(finding("fatal", "CLIENTS", "is missing as a KV namespace", breaks, "Add it under [[kv_namespaces]], as in the original wrangler.toml"));
  }
  if (!objects.some(({ name }) => name === "INITIAL_ACCESS_TOKENS")) {
    const breaks = "clients cannot be updated or deleted, new clients cannot be shared, and initial access tokens cannot be created or used: 503";
    found.push(finding("fatal", "INITIAL_ACCESS_TOKENS", "is missing as a Durable Object", breaks, "Add it under [durable_objects], as in the original wrangler.toml"));
  }
  return found;
}

function missingLimits(limits, issuers) {
  const fetches = issuers.some(({ documents, registration }) => resolves(documents) || registration.fetch_sector_identifiers === true);
  const missing = (names) => names.filter((name) => !limits.some((limit) => limit.name === name));
  const found = (name, what) => finding("warning", name, "is missing as a rate limit", `these ${what} are not limited`, "Add it under [[ratelimits]], as in the original wrangler.toml");
  const ofRequests = missing(LIMITS).map((name) => found(name, "requests"));
  return [...ofRequests, ...missing(fetches ? FETCH_LIMITS : []).map((name) => found(name, "fetches"))];
}

/** Whether metadata documents are fetched with these settings (docs/documents.md). */
const resolves = ({ mode }) => mode === "listed" || mode === "open";

const hostOf = (url) => (URL.canParse(url) ? new URL(url).hostname : undefined);

/** The two uses of `fetch` that the compatibility flag decides between (docs/decisions/0015-fetching-metadata-documents.md). */
function publicFetch({ compatibility_flags = [] }, issuers) {
  const found = [];
  const isPublic = compatibility_flags.includes(PUBLIC_FETCH);
  const hosts = issuers.map(({ identifier }) => hostOf(identifier)).filter(Boolean);
  for (const { place, upstream, documents } of issuers) {
    const isOwn = Boolean(upstream) && hosts.includes(hostOf(upstream));
    if (isPublic && isOwn) {
      const breaks = `with the compatibility flag ${PUBLIC_FETCH}, Rollcall fetches this document from itself: nothing can be discovered or registered (508)`;
      found.push(finding("fatal", `${place}UPSTREAM_METADATA`, "is on the host of an issuer", breaks, "Remove the flag, or write the URL of the document on a host outside the zone"));
    }
    if (!isPublic && documents.mode === "open") {
      const breaks = "strangers can make Rollcall ask hosts of your own zone past its firewall and Access";
      // The flag would break the fetch of an upstream document on an own host.
      const flag = isOwn ? "Use" : `Add "${PUBLIC_FETCH}" to compatibility_flags, or use`;
      const fix = `${flag} the mode listed. Without other hosts in the zone there is nothing to do`;
      found.push(finding("warning", `${place}DOCUMENTS.mode`, `is open without the compatibility flag ${PUBLIC_FETCH}`, breaks, fix));
    }
  }
  return found;
}

/** Settings of metadata documents that allow none. */
function documents(issuers) {
  const isEmpty = ({ urls = [], hosts = [], pinned = {} }) => urls.length + hosts.length + Object.keys(pinned).length === 0;
  const empty = issuers.filter(({ documents }) => documents.mode === "listed" && isEmpty(documents));
  const breaks = "every document is rejected (403), unless the operator has pinned it since";
  const fix = "List documents in urls or hosts, pin them, or set the mode to off";
  return empty.map(({ place }) => finding("warning", `${place}DOCUMENTS.mode`, "is listed, and no document is listed or pinned", breaks, fix));
}

/**
 * What to do about hosted documents for `issuer`, by the text of its upstream document, if it has one: whether its authorization server
 * says that it resolves metadata documents.
 */
export function adviceOf(vars, issuer, upstream) {
  if (upstream === undefined) return undefined;
  const { registration } = effective(vars).find(({ identifier }) => identifier === issuer);
  const isHosted = registration.client_id === "url";
  const resolves = parsed(upstream)?.client_id_metadata_document_supported === true;
  if (resolves === isHosted) return undefined;
  if (resolves) return 'the authorization server resolves metadata documents. With REGISTRATION.client_id = "url" it knows every client that registers, without asking Rollcall (docs/hosted-documents.md)';
  return "the authorization server does not say that it resolves metadata documents (client_id_metadata_document_supported). If it does not, it has to ask Rollcall about clients whose client_id is a URL (docs/hosted-documents.md)";
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function secrets(vars) {
  return ["ADMIN_TOKEN", "AS_TOKEN", "WEBHOOK_SECRET", "ID_KEY", "SEALING_KEY", "AS_SECRETS_TOKEN", "SHARED_ID_KEY"].filter((name) => Object.hasOwn(vars, name)).map((name) => {
    const fix = `Remove it, and set a new one: ${wranglerCommand} secret put ${name}`;
    return finding("fatal", name, "is a secret in plain text", "everybody who can read this file can read the secret", fix);
  });
}

/** Settings of recorded uses without the effect that they seem to have (docs/lifecycle.md). */
function uses(issuers) {
  const found = [];
  for (const { place, registration } of issuers) {
    const { record_uses: recorded, unused_client_ttl: unused = 0, idle_client_ttl: idle = 0 } = registration;
    const name = `${place}REGISTRATION.record_uses`;
    if (recorded === false && (unused || idle)) {
      const breaks = "uses are recorded anyway, because unused_client_ttl or idle_client_ttl depends on them";
      found.push(finding("warning", name, "has no effect", breaks, "Remove it, or set both lifetimes to 0"));
    }
    if (registration.shared_public_clients && unused && !idle) {
      const breaks = "a repeated registration is a use of its shared client, so anybody can keep a client for ever that no authorization server asks for";
      found.push(finding("warning", `${place}REGISTRATION.shared_public_clients`, "is true without idle_client_ttl", breaks, "Set REGISTRATION.idle_client_ttl too"));
    }
    const day = /^\d{4}-\d\d-\d\d$/.test(recorded);
    if (day && recorded > new Date().toISOString().slice(0, 10)) {
      const breaks = "clients that registered before that day can count as unused only from its end";
      found.push(finding("warning", name, "is a day in the future", breaks, "Write the day on which you deploy it"));
    }
  }
  return found;
}

/** Settings of client certificates without the effect that they seem to have (docs/certificates.md). */
function certificates({ route, routes = [] }, issuers) {
  const found = [];
  const warn = (...columns) => found.push(finding("warning", ...columns));
  for (const { place, identifier, held, registration } of issuers) {
    const { mtls_base: base } = registration;
    const asking = Object.entries(held).filter(([, policy]) => policy.require_certificate || policy.certificate || policy.bind);
    for (const [name, { require_certificate: required, bind }] of asking) {
      if (required && !route && routes.length === 0) {
        const breaks = "Cloudflare reports no client certificates on workers.dev, so every registration there is 403";
        warn(`${place}${name}.require_certificate`, "is true without a domain", breaks, "Add the domain under routes, and turn client certificates on for it");
      }
      if (bind && !required) {
        warn(`${place}${name}.bind`, "is set without require_certificate", "clients that register without a certificate are not bound to one", "Set require_certificate to true, unless that is intended");
      }
    }
    if (base && asking.length === 0) {
      const breaks = "clients are sent to a host for certificates that no setting of a policy is about";
      warn(`${place}REGISTRATION.mtls_base`, "is set, but no policy is about certificates", breaks, "Set require_certificate, certificate or bind in a policy, or remove it");
    }
    if (base && hostOf(base) === hostOf(identifier)) {
      warn(`${place}REGISTRATION.mtls_base`, "is on the host of the issuer", "browsers are asked for a certificate on every page of that host", "Use another host, or remove it");
    }
  }
  return found;
}

function policies(issuers) {
  const found = [];
  for (const { place, mode, held } of issuers) {
    if (Object.keys(held.ANONYMOUS_POLICY).length > 0 && mode !== "tiered") {
      const [wrong, breaks] =
        mode === "open"
          ? ["has no effect", "with REGISTRATION.mode open it applies to no client"]
          : ["does not apply to registrations", `with REGISTRATION.mode ${mode} it applies only to updates of clients that registered without an initial access token`];
      found.push(finding("warning", `${place}ANONYMOUS_POLICY`, wrong, breaks, "Set the mode to tiered, or use POLICY instead"));
    }
    for (const [name, { redirect_hosts, https_redirects, redirect_schemes }] of Object.entries(held)) {
      if (!redirect_hosts || https_redirects || redirect_schemes) continue;
      const breaks = "redirect URIs on the loopback interface or with private-use schemes are still allowed";
      const fix = "To allow only these hosts, set https_redirects to true too";
      found.push(finding("warning", `${place}${name}.redirect_hosts`, "restricts only https redirect URIs", breaks, fix));
    }
  }
  return found;
}
