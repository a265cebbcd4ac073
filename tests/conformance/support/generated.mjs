// The case files of the conformance suite that are made of tests/vectors: requests of real clients, and redirect URIs.

import { readFileSync } from "node:fs";

const load = (name) => JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url)));

/** The level and the section of each rule of redirect URIs that a vector breaks. A text can break a MUST and a rule of ours alike. */
const RULES = {
  uri_relative: ["MUST", "RFC 6749 §3.1.2"],
  redirect_uri_fragment: ["MUST", "RFC 6749 §3.1.2"],
  redirect_uri_remote_http: ["MUST", "RFC 7591 §5"],
  uri_character: ["MUST", "RFC 6749 §3.1.2"],
  uri_scheme_character: ["MUST", "RFC 6749 §3.1.2"],
  uri_percent_encoding: ["hardening", "RFC 3986 §7.3"],
  uri_host: ["hardening", "RFC 3986 §7.4"],
  uri_port: ["hardening", "RFC 3986 §3.2.3"],
  uri_userinfo: ["hardening", "RFC 3986 §7.5"],
  redirect_uri_wildcard: ["hardening", "RFC 9700 §4.1.1"],
  redirect_uri_dot_segment: ["hardening", "RFC 3986 §6.2.2.3"],
  redirect_uri_scheme: ["hardening", "RFC 8252 §7.1"],
  redirect_uri_empty: ["hardening", "RFC 8252 §7.1"],
};
const ACCEPTED = ["https", "loopback", "private-use"];

/** A case file as text: one row of a table a line. */
function fileText({ cases, ...head }) {
  const text = JSON.stringify({ ...head, cases: cases.map(({ each, ...one }, at) => ({ ...one, each: `ROWS${at}` })) }, null, 2);
  return `${cases.reduce((all, { each }, at) => all.replace(`"ROWS${at}"`, () => `[\n${each.map((row) => `        ${JSON.stringify(row)}`).join(",\n")}\n      ]`), text)}\n`;
}

/** The response types that need the grant implicit, which a client lists without that grant (RFC 7591 §2.1). */
function contradicting({ grant_types = ["authorization_code"], response_types = ["code"] }) {
  return grant_types.includes("implicit") ? [] : response_types.filter((type) => type.split(" ").some((part) => part !== "code"));
}

/**
 * The announcements that a target needs so that it can register `request` as it is. A target that supports response types which
 * the client lists without their grant may reject that.
 */
function needsOf(request) {
  const method = request.token_endpoint_auth_method;
  // A client without the code flow needs one of its own grants.
  const grants = request.grant_types && !request.grant_types.includes("authorization_code") ? [{ announcesAny: ["grant_types_supported", request.grant_types] }] : [];
  const methods = method ? [{ announces: ["token_endpoint_auth_methods_supported", method] }] : [];
  return [...methods, ...grants, ...contradicting(request).map((type) => ({ announcesNot: ["response_types_supported", type] }))];
}

/** A public client cannot have the grant client_credentials (RFC 6749 §4.4): a server may reject it, or register the rest. */
const isContradictory = ({ grant_types = [], token_endpoint_auth_method }) => token_endpoint_auth_method === "none" && grant_types.includes("client_credentials");

/** A client for the server `everything` needs more than a server announces: algorithms, keys, certificates. Others may reject it. */
function clients() {
  const rows = load("clients").vectors.filter(({ outcome }) => outcome.status === 201).map(({ name, application, about, source, server, request }) => ({
    name,
    who: application ?? name,
    source: source.replaceAll(" section ", " §"),
    needs: needsOf(request),
    request,
    ...((server === "everything" || isContradictory(request)) && { unless: "declined" }),
    expect: {
      is: "registered",
      body: {
        // A public client that names a grant it cannot have, for example, is registered with less.
        ...(request.redirect_uris && { redirect_uris: request.redirect_uris }),
        ...(request.token_endpoint_auth_method && { token_endpoint_auth_method: request.token_endpoint_auth_method }),
      },
    },
    about,
  }));
  const each = rows.map(({ expect, unless, ...row }) => ({ ...row, expect, unless: unless ?? [] }));
  return fileText({
    group: "clients",
    about: "Registrations as real clients send them. Generated from tests/vectors/clients.json of Rollcall.",
    level: "compatibility",
    needs: ["registration"],
    cases: [{ id: "${row.name}", sentence: "The registration of ${row.who} is accepted.", steps: [{ send: "${row.request}", expect: "${row.expect}", unless: "${row.unless}" }], each }],
  });
}

function redirectUris() {
  const named = load("redirect-uri-syntax").vectors.map(({ uri, outcome }) => ({ uri, outcome }));
  const count = {};
  const rows = named.map(({ uri, outcome }) => ({ name: `${outcome}-${(count[outcome] = (count[outcome] ?? 0) + 1)}`, uri, outcome }));
  const accepted = rows.filter(({ outcome }) => ACCEPTED.includes(outcome)).map(({ name, uri }) => ({ name, uri }));
  const rejected = rows.filter(({ outcome }) => !ACCEPTED.includes(outcome)).map(({ name, uri, outcome }) => ({ name, uri, level: RULES[outcome][0], source: RULES[outcome][1] }));
  return fileText({
    group: "redirect-uris",
    about: "The syntax of redirect URIs. Generated from tests/vectors/redirect-uri-syntax.json of Rollcall, whose names of rules are explained in docs/errors.md.",
    level: "compatibility",
    needs: ["registration"],
    cases: [
      {
        id: "kept-${row.name}",
        sentence: "The redirect URI ${row.uri}, if it is registered, is returned byte for byte.",
        source: "RFC 6749 §3.1.2.3",
        steps: [{ register: { redirect_uris: ["${row.uri}"] }, expect: { is: "registered", body: { redirect_uris: ["${row.uri}"] } }, unless: "declined" }],
        each: accepted,
      },
      {
        id: "rejected-${row.name}",
        sentence: 'The text "${row.uri}" is not registered as a redirect URI.',
        steps: [{ register: { redirect_uris: ["${row.uri}"] }, expect: ["rejected", { is: "registered", body: { redirect_uris: { $excludes: "${row.uri}" } } }] }],
        each: rejected,
      },
    ],
  });
}

/** The section that says how two redirect URIs are compared: the port of loopback IP addresses is free, and nothing else. */
function ruleOfMatch({ registered, matches, because }) {
  // RFC 8252 §7.3 says "any port".
  if (because.includes("no such port")) return ["hardening", "RFC 8252 §7.3"];
  if (!matches || registered.startsWith("https:")) return ["MUST", "RFC 9700 §2.1"];
  return /^http:\/\/(127\.0\.0\.1|\[::1\])/.test(registered) ? ["MUST", "RFC 8252 §7.3"] : ["compatibility", "RFC 8252 §8.3"];
}

function matching() {
  const rows = load("redirect-uri-matching").vectors.map(({ registered, presented, matches, because }, at) => {
    const [level, source] = ruleOfMatch({ registered, matches, because });
    return { name: at + 1, registered, presented, verb: matches ? "accepts" : "rejects", because, level, source, metadata: { redirect_uris: [registered], ...(!registered.startsWith("https:") && { application_type: "native" }) }, expect: matches ? "accepted" : "not-accepted" };
  });
  return fileText({
    group: "redirect-uris",
    about: "How the authorization endpoint compares redirect URIs. Generated from tests/vectors/redirect-uri-matching.json of Rollcall.",
    needs: ["registration", "authorize"],
    cases: [
      {
        id: "match-${row.name}",
        sentence: "With ${row.registered} registered, the authorization endpoint ${row.verb} ${row.presented} (${row.because}).",
        steps: [
          { register: "${row.metadata}", as: "registered", expect: { is: "registered", body: { redirect_uris: ["${row.registered}"] } }, unless: ["declined", { response: "registered", reason: "the target registers another redirect URI" }] },
          { authorize: { client_id: "${registered.client_id}", redirect_uri: "${row.presented}" }, expect: "${row.expect}" },
        ],
        each: rows,
      },
    ],
  });
}

const values = () => `${JSON.stringify({ about: "Values that cases share. The keys are public ones made for tests; their private parts were never kept.", values: { jwks: load("keys").public } }, null, 2)}\n`;

/** The texts of the generated files, by their names in conformance/cases. */
export const generated = () => ({ "clients.json": clients(), "redirect-uris.json": redirectUris(), "redirect-uri-matching.json": matching(), "values.json": values() });
