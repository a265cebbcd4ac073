//! Every setting: what it must be, what holds without it, and what it does. `docs/configuration.md` is written from
//! here; tests hold it to the types that `settings.rs` reads.

use super::metadata_documents::PINNED;
use crate::client::EXTENSION_MEMBERS;
use crate::client::reading::TABLE;
use crate::vocabulary::{Key, KeyRing};

/// A setting.
pub struct Setting {
    /// Its name; that of a member behind its table's, like `DISCOVERY.max_age`.
    pub name: &'static str,
    /// The expected value, as it completes the sentence "must be …".
    pub expected: &'static str,
    /// Its default: a value as in `wrangler.toml`, between backticks, or words.
    pub default: &'static str,
    /// Its effect.
    pub meaning: &'static str,
}

pub(super) const IDENTIFIER: &str = "an https URL without query or fragment (http on localhost)";
pub(super) const ABSOLUTE: &str = "an https URL without a fragment (http on localhost)";
pub(super) const DOCUMENT_BASE: &str =
    "an https URL on a public host (or localhost), without query or fragment";
/// The expected value of `SOFTWARE_STATEMENTS.issuers`.
pub(super) const STATEMENT_ISSUERS: &str = "a list of at most 100 tables, one for each issuer";
pub(super) const FLAG: &str = "true or false";
const LIFETIME: &str = "0 (for ever), or whole seconds from 60 to 2147483647";

const fn row(
    name: &'static str,
    expected: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting { name, expected, default, meaning }
}

/// The variables that Rollcall reads.
#[rustfmt::skip]
pub const VARIABLES: [Setting; 15] = [
    row("ISSUER", IDENTIFIER, "the origin of the request, on localhost only; a deployed Worker responds to every request with 500",
        "the issuer identifier, byte for byte as in the tokens of the authorization server"),
    row("UPSTREAM_METADATA", ABSOLUTE, "only `METADATA` is published",
        "the URL of [the authorization server's own document](issuers.md#in-front-of-an-authorization-server). \
         Rollcall publishes that document with its own registration endpoint"),
    row("METADATA", TABLE,
        "the upstream's document, or that of [a developer's machine](issuers.md#a-developers-machine), is published. \
         With an issuer and without `UPSTREAM_METADATA`, `authorization_endpoint` and `token_endpoint` are required",
        "what discovery publishes, by [registered names](#metadata). Registration accepts only what is published"),
    row("DISCOVERY", TABLE, "`{}`", "how the documents are served"),
    row("REGISTRATION", TABLE, "`{}`", "who may register, and the lifetimes of clients and their credentials"),
    row("POLICY", TABLE, "`{}`", "rules for all clients: [the settings of a policy](policy.md)"),
    row("ANONYMOUS_POLICY", TABLE, "`{}`",
        "further rules for clients without an initial access token, in [each mode except \
         `open`](gate.md#modes): [the settings of a policy](policy.md)"),
    row("SOFTWARE_STATEMENTS", TABLE, "`{}`", "which [software statements](software-statements.md) are trusted"),
    row("LIMITS", TABLE, "`{}`", "which requests are [not counted](gate.md#limits)"),
    row("DOCUMENTS", TABLE, "`{}`", "which [client ID metadata documents](documents.md) are resolved"),
    row("AS", TABLE, "`{}`", "settings of [the authorization server's API](authorization-server.md)"),
    row("WEBHOOK", TABLE, "`{}`", "the receiver of [events](events.md#webhook)"),
    row("ISSUERS", TABLE,
        "`{}`", "[several issuers](issuers.md#one-issuer-several-issuers), instead of `ISSUER`: each identifier has a table of settings"),
    row("ID_KEY_REQUIRED", FLAG, "`false`",
        "whether a client identifier that [no key of `ID_KEY` has signed](client-ids.md#unsigned-identifiers) is unknown, \
         without a read. It needs the secret `ID_KEY`"),
    row("DOCUMENT_BASE", DOCUMENT_BASE, "the issuer",
        "the base of the URLs of [hosted documents](hosted-documents.md#a-host-of-its-own). Each issuer needs its own"),
];

/// The members of the tables, without metadata and policies, which have lists of their own.
#[rustfmt::skip]
pub const TABLE_SETTINGS: [Setting; 35] = [
    row("DISCOVERY.max_age", "whole seconds from 0 to 86400",
        "`300`", "how long caches may store a document, also a [hosted](hosted-documents.md) one (`Cache-Control`)"),
    row("DISCOVERY.listed", FLAG,
        "`false`", "whether the host [names the issuer](issuers.md#a-list-of-issuers) to anyone who asks"),
    row("REGISTRATION.mode", "\"open\" or \"token\" or \"tiered\" or \"closed\"",
        "`\"open\"`", "[who may register](gate.md#modes)"),
    row("REGISTRATION.default_scope", "scope tokens separated by spaces",
        "such a client is registered without `scope`, and [the authorization server \
         decides](authorization-server.md#clients-without-scope)",
        "the scope of a client that asks for no scope, or only for unsupported ones"),
    row("REGISTRATION.registration_access_token_rotation", "\"never\" or \"on_update\" or \"always\"",
        "`\"never\"`", "when a client gets a [new token](lifecycle.md#registration-access-token)"),
    row("REGISTRATION.client_secret_lifetime", LIFETIME,
        "`0`", "how long a [client secret](lifecycle.md#client-secret) works"),
    row("REGISTRATION.unused_client_ttl", LIFETIME, "`0`",
        "how long a client lives that [was never used](lifecycle.md#clients-that-nobody-uses), counted from its \
         registration or last update"),
    row("REGISTRATION.idle_client_ttl", LIFETIME, "`0`",
        "how long a client lives that [is no longer used](lifecycle.md#clients-that-nobody-uses), counted from its \
         last use or update"),
    row("REGISTRATION.pending_ttl", LIFETIME, "`0`",
        "how long a client lives that [waits for approval](approval.md), or was rejected"),
    row("REGISTRATION.record_uses", "true, false, or the day on which you turn it on, like \"2026-11-28\"",
        "`false`: uses are recorded only if `unused_client_ttl` or `idle_client_ttl` is set",
        "whether [uses of clients](lifecycle.md#which-uses-are-recorded) are recorded. This costs a write for each \
         client and each day on which it is used"),
    row("REGISTRATION.allowed_origins",
        "a list; each entry is an origin as browsers send it, like https://app.example (no path, no default port)",
        "pages on all origins",
        "the origins [whose pages may register](issuers.md#pages-on-other-origins) and manage clients"),
    row("REGISTRATION.extension_members", EXTENSION_MEMBERS, "`{}`",
        "[members of your own](members.md) that clients may register, and the type of each"),
    row("REGISTRATION.fetch_sector_identifiers", FLAG, "`false`",
        "whether the document at [`sector_identifier_uri`](authorization-server.md#an-unverified-sector-identifier) is \
         fetched, and must list the redirect URIs"),
    row("REGISTRATION.client_id", "\"random\" or \"url\"", "`\"random\"`",
        "what a new client gets as its `client_id`: an identifier, or the URL of its own [hosted \
         document](hosted-documents.md)"),
    row("REGISTRATION.shared_public_clients", FLAG, "`false`",
        "whether public clients without keys get [the same `client_id`](shared-clients.md) if their metadata are equal. It \
         needs the secret `SHARED_ID_KEY`"),
    row("REGISTRATION.mtls_base", IDENTIFIER, "no alias is published",
        "the base of [a second host, which asks for client certificates](certificates.md#a-host-of-its-own). Its registration \
         endpoint is published in `mtls_endpoint_aliases`. Each issuer needs its own"),
    row("SOFTWARE_STATEMENTS.require", "\"never\" or \"anonymous\" or \"always\"", "`\"never\"`",
        "which registrations [need a statement](software-statements.md#require-a-statement) of a trusted issuer"),
    row("SOFTWARE_STATEMENTS.issuers", STATEMENT_ISSUERS, "`[]`",
        "the [trusted issuers](software-statements.md#settings-of-an-issuer), each a table"),
    row("LIMITS.exempt_networks", "a list; each entry is an address or a network, like 192.0.2.0/24",
        "`[]`", "networks whose requests are not counted"),
    row("LIMITS.exempt_token_holders", FLAG, "`true`",
        "whether registrations with a valid initial access token are exempt from the limits, in the \
         [modes](gate.md#modes) `token` and `tiered`"),
    row("DOCUMENTS.mode", "\"off\" or \"listed\" or \"open\" or \"by_as\"", "`\"off\"`",
        "[which documents are resolved](documents.md#modes)"),
    row("DOCUMENTS.urls", "a list that is not empty; each entry is the URL of a document, or the beginning of such URLs with * \
         at its end, like https://app.example.com/clients/*",
        "none is listed", "documents that the operator vouches for"),
    row("DOCUMENTS.hosts", "a list that is not empty; each entry is a host name, or *.host.name for all its subdomains",
        "none is listed", "hosts whose documents the operator vouches for"),
    row("DOCUMENTS.denied_hosts",
        "a list that is not empty; each entry is a host name, or *.host.name for all its subdomains",
        "none is denied", "hosts whose documents are not resolved"),
    row("DOCUMENTS.profile", "\"draft\" or \"mcp\"", "`\"mcp\"`",
        "the [rules](documents.md#rules): those of the draft, or also those of the Model Context Protocol"),
    row("DOCUMENTS.allow_query", FLAG, "`false`", "whether the URL of a document may have a query"),
    row("DOCUMENTS.allow_loopback", FLAG, "`false`",
        "for development: whether documents on localhost are resolved. The issuer must be on localhost itself"),
    row("DOCUMENTS.min_ttl", "whole seconds from 60 to 86400", "`300`",
        "how long a document is [fresh](documents.md#how-long-a-document-is-used) at least, whatever its server says"),
    row("DOCUMENTS.default_ttl", "whole seconds from 60 to 604800", "`3600`",
        "how long it is fresh if its server says nothing"),
    row("DOCUMENTS.max_ttl", "whole seconds from 60 to 604800", "`86400`", "how long it is fresh at most"),
    row("DOCUMENTS.max_bytes", "a whole number from 1024 to 32768", "`5120`", "the largest document, in bytes"),
    row("DOCUMENTS.last_good", "whole seconds from 0 to 2592000", "`604800`",
        "how long the last good copy is used while a document [cannot be reached](documents.md#when-a-document-cannot-be-reached)"),
    row("DOCUMENTS.pinned", PINNED, "`{}`", "documents that are [used as they are here](documents.md#pinned-documents)"),
    row("AS.cache_ttl", "whole seconds from 30 to 86400", "one minute, the value of KV itself",
        "[how old a response may be](authorization-server.md#how-old-an-answer-can-be) at a location"),
    row("WEBHOOK.url", ABSOLUTE, "no events are sent", "the URL that [events](events.md#webhook) are sent to. It needs the secret `WEBHOOK_SECRET`"),
];

/// The secrets of the Worker.
#[rustfmt::skip]
pub const SECRETS: [Setting; 7] = [
    row("ADMIN_TOKEN", "a string of at least 32 bytes", "the operator's API is off: 404",
        "the secret for [the operator's API](operator.md) and page, which also manage initial access tokens"),
    row("AS_TOKEN", "a string of at least 32 bytes",
        "the authorization server's API accepts only service bindings; other callers get 404",
        "the secret for [the authorization server's API](authorization-server.md#access)"),
    row("WEBHOOK_SECRET", "a string of at least 24 bytes", "`WEBHOOK.url` must not be set",
        "the key that signs [events](events.md#webhook): text, or `whsec_` and base64"),
    row("ID_KEY", KeyRing::FORMAT, "client identifiers are random, a forged one costs a read, and `Idempotency-Key` is ignored",
        "the keys of [client identifiers](client-ids.md) and of [repeated registrations](idempotency.md): the first key signs, and \
         all keys verify"),
    row("SEALING_KEY", KeyRing::FORMAT, "only digests of client secrets are stored, and `client_secret_jwt` cannot be offered",
        "the keys of [sealed secrets](sealed-secrets.md): the first key encrypts, and all keys decrypt"),
    row("AS_SECRETS_TOKEN", "a string of at least 32 bytes",
        "only a service binding with `secrets = true` may ask for client secrets",
        "another secret than `AS_TOKEN`, with which an authorization server may use its API and also [ask for client \
         secrets](sealed-secrets.md#ask-for-a-secret)"),
    row("SHARED_ID_KEY", Key::FORMAT, "`REGISTRATION.shared_public_clients` must not be set",
        "the key of the identifiers of [shared clients](shared-clients.md). It never changes"),
];

/// The binding of the KV namespace.
pub const RECORDS_BINDING: &str = "CLIENTS";
/// The binding of the Durable Object namespace.
pub const BOOKS_BINDING: &str = "INITIAL_ACCESS_TOKENS";

/// The bindings of the Worker in `wrangler.toml`.
#[rustfmt::skip]
pub const BINDINGS: [Setting; 11] = [
    row(RECORDS_BINDING, "a KV namespace", "every request is 500", "the store of [registrations](storage-schema.md)"),
    row(BOOKS_BINDING, "a Durable Object namespace of the class `InitialAccessTokens`",
        "updates, deletions, registrations with an initial access token and new shared clients are 503",
        "counts the uses of [initial access tokens](gate.md#initial-access-tokens-rfc-7591-3), and stores the \
         [latest changes](lifecycle.md#what-other-locations-see) of clients"),
    row("ADDRESS_LIMIT", "a rate limit", "not counted",
        "[registrations, dry runs, updates, and reads that return a new token](gate.md#limits), from one IPv4 address or \
         IPv6 /64 network; updates of one client"),
    row("NETWORK_LIMIT", "a rate limit", "not counted",
        "the same, and wrong tokens, from one IPv6 /48 network; reads and deletions with a registration access token, \
         from one such network or one IPv4 address"),
    row("WORKERS_LIMIT", "a rate limit",
        "not counted", "all of this, from [all Workers of other zones](gate.md#workers-of-other-zones) together"),
    row("FAILURE_LIMIT", "a rate limit",
        "not counted", "wrong tokens from one IPv4 address or IPv6 /64 network; wrong secrets of one client"),
    row("ISSUER_LIMIT", "a rate limit", "not counted", "registrations that are about to be stored, for one issuer"),
    row("UPDATE_LIMIT", "a rate limit",
        "not counted", "updates and new tokens that are about to be stored, for one issuer"),
    row("DOCUMENT_LIMIT", "a rate limit", "not counted", "[fetches](documents.md#limits) of one metadata document"),
    row("DOCUMENT_HOST_LIMIT", "a rate limit", "not counted", "fetches of metadata documents from one host"),
    row("DOCUMENTS_LIMIT", "a rate limit",
        "not counted", "two separate counts, for one issuer: fetches of new metadata documents, and of known ones"),
];
