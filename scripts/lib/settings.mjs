// What of wrangler.toml the Worker cannot see, or serves with although it does not do what it looks like.

const finding = (severity, member, wrong, breaks, mend) => ({ severity, member, wrong, breaks, mend });

/** The bindings of the rate limits: `src/edge/limiter.rs` asks them. */
const LIMITS = ["ADDRESS_LIMIT", "NETWORK_LIMIT", "WORKERS_LIMIT", "FAILURE_LIMIT", "ISSUER_LIMIT", "UPDATE_LIMIT"];

/** The findings of a configuration as wrangler reads it. */
export function examineSettings(settings) {
  const { vars, kv_namespaces = [], durable_objects = {}, ratelimits = [] } = settings;
  const issuers = effective(vars);
  const objects = durable_objects.bindings ?? [];
  const bound = bindings(kv_namespaces, objects, ratelimits);
  const worker = [...bound, ...addresses(settings), ...caching(settings)];
  return [...worker, ...secrets(vars), ...hosts(vars), ...policies(issuers), ...uses(issuers)];
}

/** Whether Cloudflare's cache is in front of the Worker: its entrypoint may have a setting of its own. */
const isCached = ({ cache, exports }) => exports?.default?.cache?.enabled ?? cache?.enabled ?? false;

/** What the cache does for an issuer whose documents it may store, or may not. */
export function cacheOf(settings, cacheable) {
  if (!isCached(settings)) return "off";
  return cacheable ? "on" : "on, but documents are not stored: the issuers are on several hosts, and the cache does not tell hosts apart";
}

function caching(settings) {
  const found = [];
  if (!isCached(settings)) {
    const breaks = "the Worker runs for every request for a discovery document";
    found.push(finding("warning", "cache.enabled", "is not true", breaks, "Set it to true under [cache], as shipped"));
  }
  if (settings.cache?.cross_version_cache) {
    const breaks = "after a deployment, documents of the version before are served until they expire";
    found.push(finding("warning", "cache.cross_version_cache", "is true", breaks, "Take it out"));
  }
  return found;
}

/** Addresses of the Worker beside its domain, where no firewall rule of the zone holds. */
function addresses({ route, routes = [], workers_dev, preview_urls }) {
  if (!route && routes.length === 0) return [];
  const breaks = "firewall and rate limiting rules of your zone do not hold there: at another host than the issuer's, pages are served, and everything else is 404";
  return Object.entries({ workers_dev, preview_urls })
    .filter(([, value]) => value === true)
    .map(([name]) => finding("warning", name, "is true beside a domain", breaks, `Set ${name} to false`));
}

/** What holds for each issuer: its own settings, laid over the shared ones member by member (docs/issuers.md). */
function effective(vars) {
  const own = Object.entries(vars.ISSUERS ?? {});
  const issuers = own.length > 0 ? own : [["", {}]];
  return issuers.map(([issuer, settings]) => {
    const laid = (name) => ({ ...vars[name], ...settings?.[name] });
    const registration = laid("REGISTRATION");
    const { mode = "open" } = registration;
    const held = { POLICY: laid("POLICY"), ANONYMOUS_POLICY: laid("ANONYMOUS_POLICY") };
    return { place: issuer && `ISSUERS."${issuer}".`, mode, held, registration };
  });
}

function bindings(namespaces, objects, limits) {
  const found = [];
  if (!namespaces.some(({ binding }) => binding === "CLIENTS")) {
    const breaks = "there is no place for registrations: every request is answered with 500";
    found.push(finding("fatal", "CLIENTS", "is no KV namespace of it", breaks, "Add it under [[kv_namespaces]], as shipped"));
  }
  if (!objects.some(({ name }) => name === "INITIAL_ACCESS_TOKENS")) {
    const breaks = "clients cannot be updated or deleted, and no initial access token can be made or used: 503";
    found.push(finding("fatal", "INITIAL_ACCESS_TOKENS", "is no Durable Object of it", breaks, "Add it under [durable_objects], as shipped"));
  }
  for (const name of LIMITS) {
    if (limits.some((limit) => limit.name === name)) continue;
    found.push(finding("warning", name, "is no rate limit of it", "what it counts is not counted", "Add it under [[ratelimits]], as shipped"));
  }
  return found;
}

function secrets(vars) {
  return ["ADMIN_TOKEN", "AS_TOKEN", "WEBHOOK_SECRET"].filter((name) => Object.hasOwn(vars, name)).map((name) => {
    const mend = `Take it out, and put another one: node scripts/wrangler.mjs secret put ${name}`;
    return finding("fatal", name, "is a secret in plain sight", "whoever reads the file has it", mend);
  });
}

/** Recording of uses that does not do what it looks like (docs/lifecycle.md). */
function uses(issuers) {
  const found = [];
  for (const { place, registration } of issuers) {
    const { record_uses: recorded, unused_client_ttl: unused = 0, idle_client_ttl: idle = 0 } = registration;
    const name = `${place}REGISTRATION.record_uses`;
    if (recorded === false && (unused || idle)) {
      const breaks = "uses are recorded all the same, because unused_client_ttl or idle_client_ttl depends on them";
      found.push(finding("warning", name, "does nothing", breaks, "Take it out, or set both lifetimes to 0"));
    }
    const day = /^\d{4}-\d\d-\d\d$/.test(recorded);
    if (day && recorded > new Date().toISOString().slice(0, 10)) {
      const breaks = "clients of before that day count as unused only from its end on";
      found.push(finding("warning", name, "is a day in the future", breaks, "Write the day on which you deploy it"));
    }
  }
  return found;
}

/** The parser of the configuration runs without a runtime, and so without the tables that `xn--` labels need. */
function hosts(vars) {
  const found = [];
  for (const name of ["ISSUER", "ISSUERS", "METADATA", "POLICY", "ANONYMOUS_POLICY", "WEBHOOK", "UPSTREAM_METADATA"]) {
    for (const [, host] of JSON.stringify(vars[name] ?? "").matchAll(/(?:"(?:[*][.])?|[/][/])([\w.-]*\bxn--[\w.-]*)/gi)) {
      const url = `https://${host}/`;
      if (URL.canParse(url) && new URL(url).hostname === host.toLowerCase()) continue;
      const breaks = "no browser can go there: every request is answered with 500";
      found.push(finding("fatal", name, `has a host that does not decode: ${host}`, breaks, "Correct its xn-- labels"));
    }
  }
  return found;
}

function policies(issuers) {
  const found = [];
  for (const { place, mode, held } of issuers) {
    if (Object.keys(held.ANONYMOUS_POLICY).length > 0 && mode !== "tiered") {
      const breaks = `with REGISTRATION.mode ${mode} no client is held against it`;
      found.push(finding("warning", `${place}ANONYMOUS_POLICY`, "does nothing", breaks, "Set the mode to tiered, or write POLICY instead"));
    }
    for (const [name, { redirect_hosts, https_redirects, redirect_schemes }] of Object.entries(held)) {
      if (!redirect_hosts || https_redirects || redirect_schemes) continue;
      const breaks = "redirect URIs on the loopback interface, and of private-use schemes, are allowed all the same";
      const mend = "If only these hosts are meant, set https_redirects to true beside it";
      found.push(finding("warning", `${place}${name}.redirect_hosts`, "stands alone", breaks, mend));
    }
  }
  return found;
}
