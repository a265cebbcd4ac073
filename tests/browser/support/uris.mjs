// Texts that are URIs or nearly so, and what an accepted one has to mean to everybody.

const pick = (list) => list[Math.floor(Math.random() * list.length)];

/** One of `usual`; sometimes one of `odd`, most of which make a URI unacceptable. */
const mostly = (usual, odd) => pick(Math.random() < 0.93 ? usual : odd);

const SCHEMES = ["https", "https", "http", "HTTPS", "Http", "com.example.app", "MyApp", "a+b-1"];
const HOSTS = [
  ...["example.com", "Example.COM", "localhost", "LOCALHOST", "127.0.0.1", "a.b-c.example", "under_score.example", "192.168.1.4"],
  ...["xn--bcher-kva.example", "XN--80AK6AA92E.com", "xn--wgv71a.example", "xn--ls8h.la", "xn--4gbrim.example", "axn--.example"],
  ...["xn--zca.example", "xn--fa-hia.de", "xn--mgba3gch31f060k.example", "xn--fiq228c.xn--55qx5d"],
  ...["[::1]", "[2001:DB8::A]", "[::7f00:1]", "[1:0:0:2::3]"],
];
const ODD_HOSTS = [
  ...["xn--a", "xn--", "xn--0.example", "a.xn--b", "xn--a-ecp.ru", "xn--abc-.example", "xn--1ch.example", "xn--a.localhost"],
  ...["[0:0::1]", "[::127.0.0.1]", "[::ffff:7f00:1]", "[::1", "::1", "[x]", "[::1]x", "a]", "", "*"],
  ...["127.1", "0x7f.1", "2130706433", "1.2.3.4.5", "example.com.", "a..b", "ex%61mple.com", "user@example.com"],
];
const PORTS = ["", "", ":443", ":80", ":8080", ":65535", ":1"];
const ODD_PORTS = [":0", ":0443", ":080", ":65536", ":", ":+80", ":8a"];
const SEGMENTS = ["/", "/cb", "/a;b=c", "/%7e%41", "/%C3%BC", "/.well-known", "/'()!$&+,=~", "/[x]", "/:@", "//", "/%5B%5d", "/%ff"];
const ODD_SEGMENTS = ["/%2e", "/..;", "/..", "/.", "/%zz", "/%", "/\\", "/\u00e4"];
const TAILS = ["", "", "?", "?a=b", "?x='%27", "?a[]=1&b=%5B%5D", "?../c", "?a?b/c:@"];
const ODD_TAILS = ["?%zz", "?a b", "?\u00e4", "?{x}", "?a\\b", "?%00", "#", "#x"];

const path = () => Array.from({ length: pick([0, 1, 1, 2, 3]) }, () => mostly(SEGMENTS, ODD_SEGMENTS)).join("");

/** A text that may be a URI. */
const uri = () =>
  pick(SCHEMES) + mostly(["://"], [":", ":/"]) + mostly(HOSTS, ODD_HOSTS) + mostly(PORTS, ODD_PORTS) + path() + mostly(TAILS, ODD_TAILS);

/** So many different texts that may be URIs. */
export function nearUris(count) {
  const uris = new Set();
  while (uris.size < count) uris.add(uri());
  return [...uris];
}

/** RFC 3986, appendix B. */
const PARTS = /^([^:/?#]+):(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/;
const DEFAULT_PORTS = { "https:": "443", "http:": "80" };

// Browsers encode `'` in a query, Chromium in that of a private-use scheme too: this is one of the changes.
const encodeQuotes = (query) => query.replaceAll("'", "%27");

/** How everybody has to read an accepted URI: as it is written, but for the four changes that are allowed. */
export function asWritten(uri) {
  const [, scheme, authority = "", path, query = ""] = PARTS.exec(uri);
  const protocol = `${scheme.toLowerCase()}:`;
  const web = protocol in DEFAULT_PORTS;
  const [, host, port = ""] = /^(.*?)(?::(\d+))?$/.exec(authority);
  return {
    uri,
    protocol,
    username: "",
    password: "",
    hostname: web || host.startsWith("[") ? host.toLowerCase() : host,
    port: port === DEFAULT_PORTS[protocol] ? "" : port,
    pathname: path || (web ? "/" : ""),
    search: query === "?" ? "" : encodeQuotes(query),
  };
}

/** How a WHATWG parser reads `uris`. Runs in a browser too, so it uses nothing from outside. */
export const readings = (uris) =>
  uris.map((uri) => {
    if (!URL.canParse(uri)) return { uri, error: "is no URL" };
    const { protocol, username, password, hostname, port, pathname, search } = new URL(uri);
    return { uri, protocol, username, password, hostname, port, pathname, search: search.replaceAll("'", "%27") };
  });
