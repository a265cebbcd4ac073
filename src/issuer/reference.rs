//! Every setting: what it must be, what holds without it, and what it does. `docs/configuration.md` is written from
//! here; tests hold it to the types that `settings.rs` reads.

use crate::client::reading::TABLE;

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
const FLAG: &str = "true or false";
const LIFETIME: &str = "0 (for ever), or whole seconds from 60 to 2147483647";

const fn row(
    name: &'static str,
    expected: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting { name, expected, default, meaning }
}

/// The variables that concern us.
#[rustfmt::skip]
pub const VARIABLES: [Setting; 11] = [
    row("ISSUER", IDENTIFIER, "the origin of the request, on localhost only; deployed, every request is 500",
        "the issuer identifier, byte for byte as in the tokens of the authorization server"),
    row("UPSTREAM_METADATA", ABSOLUTE, "`METADATA` is all there is",
        "the URL of [the authorization server's own document](issuers.md#in-front-of-an-authorization-server), \
         which ours is laid over"),
    row("METADATA", TABLE,
        "with an issuer and no `UPSTREAM_METADATA`, `authorization_endpoint` and `token_endpoint` are required; \
         otherwise nothing is",
        "what discovery publishes, and what registration accepts follows from it: [its members](#metadata)"),
    row("DISCOVERY", TABLE, "`{}`", "how the documents are served"),
    row("REGISTRATION", TABLE, "`{}`", "who may register, and how long what they get lives"),
    row("POLICY", TABLE, "`{}`", "what all clients are held against: [its settings](policy.md)"),
    row("ANONYMOUS_POLICY", TABLE, "`{}`",
        "with `REGISTRATION.mode` `tiered`, what clients without an initial access token are held against too: [its \
         settings](policy.md)"),
    row("LIMITS", TABLE, "`{}`", "who is [not counted](gate.md#limits)"),
    row("AS", TABLE, "`{}`", "what the authorization server asks"),
    row("WEBHOOK", TABLE, "`{}`", "where [events](events.md#webhook) are sent"),
    row("ISSUERS", TABLE,
        "`{}`", "for [several issuers](issuers.md), instead of `ISSUER`: a table of settings for each identifier"),
];

/// The members of the tables, without metadata and policies, which have lists of their own.
#[rustfmt::skip]
pub const TABLE_SETTINGS: [Setting; 13] = [
    row("DISCOVERY.max_age", "whole seconds from 0 to 86400",
        "`300`", "how long anyone may keep a document (`Cache-Control`)"),
    row("REGISTRATION.mode", "\"open\" or \"token\" or \"tiered\" or \"closed\"",
        "`\"open\"`", "[who may register](gate.md#modes)"),
    row("REGISTRATION.default_scope", "scope tokens separated by spaces",
        "such a client is registered without `scope`, and [the authorization server \
         decides](authorization-server.md#clients-without-scope)",
        "the scope of a client that asks for no scope, or for none that is supported"),
    row("REGISTRATION.registration_access_token_rotation", "\"never\" or \"on_update\" or \"always\"",
        "`\"never\"`", "when a client gets a [new token](lifecycle.md#registration-access-token)"),
    row("REGISTRATION.client_secret_lifetime", LIFETIME,
        "`0`", "how long a [client secret](lifecycle.md#client-secret) works"),
    row("REGISTRATION.unused_client_ttl", LIFETIME, "`0`",
        "when a client ends that [nobody has ever used](lifecycle.md#clients-that-nobody-uses), from its \
         registration or last update on"),
    row("REGISTRATION.idle_client_ttl", LIFETIME, "`0`",
        "when a client ends that [nobody uses any more](lifecycle.md#clients-that-nobody-uses), from its last use \
         or update on"),
    row("REGISTRATION.record_uses", "true, false, or the day since which uses are recorded, like \"2026-11-28\"",
        "`false`: only where `unused_client_ttl` or `idle_client_ttl` is set",
        "whether [uses of clients](lifecycle.md#which-uses-are-recorded) are recorded, for which each client costs \
         a write on each day that it is used"),
    row("REGISTRATION.allowed_origins",
        "a list; each entry is an origin as browsers send it, like https://app.example (no path, no default port)",
        "pages on all origins",
        "[whose pages may register](issuers.md#pages-on-other-origins) and manage their registrations"),
    row("LIMITS.exempt_networks", "a list; each entry is an address or a network, like 192.0.2.0/24",
        "`[]`", "networks whose requests are not counted"),
    row("LIMITS.exempt_token_holders", FLAG, "`true`",
        "whether registrations with an initial access token that works are not counted, in the \
         [modes](gate.md#modes) `token` and `tiered`"),
    row("AS.cache_ttl", "whole seconds from 30 to 86400", "KV's own minute",
        "[how old an answer may be](authorization-server.md#how-old-an-answer-can-be) at a location"),
    row("WEBHOOK.url", ABSOLUTE, "nothing is sent", "where events are sent; needs the secret `WEBHOOK_SECRET`"),
];

/// The secrets of the Worker.
#[rustfmt::skip]
pub const SECRETS: [Setting; 3] = [
    row("ADMIN_TOKEN", "a string of at least 32 bytes", "the operator's API is off: 404",
        "the key to [the operator's API](operator.md) and page, initial access tokens included"),
    row("AS_TOKEN", "a string of at least 32 bytes",
        "the authorization server's API answers service bindings only; others get 404",
        "the key to [the authorization server's API](authorization-server.md#access)"),
    row("WEBHOOK_SECRET", "a string of at least 24 bytes", "there must be no `WEBHOOK.url`",
        "what [events](events.md#webhook) are signed with: text, or base64 behind `whsec_`"),
];

/// The bindings of the Worker in `wrangler.toml`.
#[rustfmt::skip]
pub const BINDINGS: [Setting; 8] = [
    row("CLIENTS", "a KV namespace", "every request is 500", "where [registrations](storage-schema.md) are"),
    row("INITIAL_ACCESS_TOKENS", "a Durable Object namespace of the class `InitialAccessTokens`",
        "updates, deletions and registrations with an initial access token are 503",
        "where [initial access tokens](gate.md#initial-access-tokens-rfc-7591-3) and their uses are counted, and \
         the [latest changes](lifecycle.md#what-other-locations-see) of clients are known"),
    row("ADDRESS_LIMIT", "a rate limit", "not counted",
        "[registrations, dry runs, updates, and reads with a new token](gate.md#limits), from one IPv4 address or \
         IPv6 /64 network; updates of one client"),
    row("NETWORK_LIMIT", "a rate limit", "not counted",
        "the same, and wrong tokens, from one IPv6 /48 network; reads and deletions with a token, from such a \
         network or one IPv4 address"),
    row("WORKERS_LIMIT", "a rate limit",
        "not counted", "all of that, from [all Workers of other zones](gate.md#workers-of-other-zones) together"),
    row("FAILURE_LIMIT", "a rate limit",
        "not counted", "wrong tokens from one IPv4 address or IPv6 /64 network; wrong secrets of one client"),
    row("ISSUER_LIMIT", "a rate limit", "not counted", "registrations that are about to be stored, at one issuer"),
    row("UPDATE_LIMIT", "a rate limit",
        "not counted", "updates and new tokens that are about to be stored, at one issuer"),
];
