//! Pages that are written from the code. `UPDATE_DOCS=1 cargo test --test native` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use rollcall::client::table::{self, Kind, MEMBERS, Member, Property};
use rollcall::client::{RULES, Rejection, limits};
use rollcall::http::{Caller, LogLine, REFUSALS, ROUTES, RefusalRow, action_names};
use rollcall::issuer::published::{self, PUBLISHED};
use rollcall::issuer::reference::{self, Setting};
use rollcall::issuer::{Config, Settings};
use rollcall_support::pages::{hold, page};
use rollcall_support::policy_settings;
use serde_json::{Value, json};

fn rule(member: &Member) -> String {
    match member.kind {
        Kind::RedirectUris => {
            "required for grants that redirect; [three kinds](redirect-uris.md)".into()
        }
        Kind::GrantTypes => {
            "narrowed to the supported values; rejected if none is left, or only `refresh_token`; \
             `client_credentials` is only for clients with credentials"
                .into()
        }
        Kind::ResponseTypes => "narrowed to the supported values; rejected if none is left".into(),
        Kind::AuthMethod => {
            "one of the supported methods; the error lists them. An update that leaves it out keeps it"
                .into()
        }
        Kind::ApplicationType => "web or native".into(),
        Kind::Scope => {
            "narrowed to the supported values; if none is left, the default scope or none".into()
        }
        Kind::RedirectUriList => "[the three kinds](redirect-uris.md) of redirect URIs".into(),
        Kind::DisplayText | Kind::DisplayTexts => {
            "no control, invisible or direction-changing characters".into()
        }
        Kind::Opaque => "printable ASCII; stored, not interpreted".into(),
        Kind::Text | Kind::Texts => {
            "text without control and direction-changing characters; stored, not interpreted"
                .into()
        }
        Kind::WebUri => "http or https URI".into(),
        Kind::SecureUri | Kind::SecureUris | Kind::LogoutUri => {
            let public = if member.has(Property::Fetched) { " on a public host" } else { "" };
            let bare = if member.kind == Kind::LogoutUri { " without a fragment" } else { "" };
            format!("https URI{public}{bare} (on a developer's machine also http and local hosts)")
        }
        Kind::Jws { supported, none } => {
            let unsecured = if none { ", `none` only if listed" } else { ", never `none`" };
            format!("asymmetric JWS `alg`, of `{supported}` where published{unsecured}")
        }
        Kind::AuthSigningAlg => {
            "JWS `alg`. For `private_key_jwt` and `client_secret_jwt` it must be supported and fit the method; for other methods any known value is accepted".into()
        }
        Kind::Jwe { supported } => {
            format!("asymmetric JWE `alg`, of `{supported}` where published")
        }
        Kind::Enc { supported, alg } => {
            format!("JWE `enc`, of `{supported}` where published; needs `{alg}`")
        }
        Kind::EncList => "JWE `enc` values".into(),
        Kind::Enum { allowed, .. } => format!("one of: {allowed}"),
        Kind::Enums { allowed } => format!("any of: {allowed}"),
        Kind::Flag => String::new(),
        Kind::Seconds => format!("0 to {}", limits::SECONDS),
        Kind::JwkSet => format!(
            "1 to {} public keys, RSA exponents of at most {} bits, points on their curves; not together with `jwks_uri`",
            limits::KEYS,
            limits::RSA_EXPONENT_BITS
        ),
        Kind::Object => "stored, not interpreted; no keys like `__proto__`".into(),
        Kind::SoftwareStatement => "a compact JWS; stored and returned. Verified only if [its issuer is trusted](software-statements.md)".into(),
        Kind::Choices { of } => format!("the server chooses `{of}` from it"),
        Kind::ServerAssigned => "only the server assigns it; ignored in a registration".into(),
    }
}

fn default(member: &Member) -> &'static str {
    match (member.default, member.kind) {
        (table::Default::False, _) => "`false`",
        (table::Default::Supported("RS256"), _) => {
            "`RS256`, or the first published that a client can ask for"
        }
        (table::Default::Supported(_), _) => {
            "`public`, or the first published that a client can ask for"
        }
        (table::Default::EncOfAlg, _) => "`A128CBC-HS256`, or the first published, with the `alg`",
        (_, Kind::GrantTypes) => "`authorization_code`, or what `response_types` need",
        (_, Kind::ResponseTypes) => "`code`, or what `grant_types` allow",
        (_, Kind::AuthMethod) => "`client_secret_basic`, or the first supported",
        (_, Kind::ApplicationType) => "`native` with a private-use redirect URI, else `web`",
        (_, Kind::Scope) => "[the default scope](configuration.md#members-of-the-tables), or none",
        _ => "",
    }
}

#[test]
fn metadata_page_lists_every_member_of_the_table() {
    let mut text = format!(
        "# Client metadata\n\nThis page lists every member that Rollcall understands. It is generated from `src/client/table.rs`. Other\n\
         members are ignored. `null`, `\"\"` and `[]` count as absent in every member. Members with `#` can be sent as\n\
         `member#language`. The server's [discovery document](issuers.md#where-the-documents-are) says which values are supported\n\
         and published. With [sealed secrets](sealed-secrets.md), HS256, HS384 and HS512 are possible where such a list has them, for\n\
         clients with a secret.\n\n\
         Limits: body {} bytes; {} members; depth {}; URI {} bytes; display text {} bytes; other text {} bytes; \
         scope\n{} bytes; software statement {} bytes; {} redirect URIs; {} elements of any other list; {} values in total; {} bytes\n\
         for the names in all languages.\n\n\
         | Member | Type | Default | Rule | Spec |\n| --- | --- | --- | --- | --- |\n",
        limits::BODY,
        limits::METADATA_MEMBERS,
        limits::DEPTH,
        limits::URI,
        limits::DISPLAY_TEXT,
        limits::OPAQUE,
        limits::SCOPE,
        limits::SOFTWARE_STATEMENT,
        limits::REDIRECT_URIS,
        limits::LIST,
        limits::VALUES,
        limits::NAMES,
    );
    for member in MEMBERS {
        let mark = if member.has(Property::Localized) { " #" } else { "" };
        let kind = member.kind.json_type();
        let kind = if member.kind == Kind::ServerAssigned { "" } else { kind };
        writeln!(
            text,
            "| `{}`{mark} | {kind} | {} | {} | {} |",
            member.name,
            default(member),
            rule(member),
            member.spec
        )
        .unwrap();
    }
    hold("metadata.md", &text);
}

#[test]
fn errors_page_names_every_rule_and_no_other() {
    let rules: BTreeSet<&str> = RULES.iter().map(|(id, _)| *id).collect();
    let page = fs::read_to_string(page("errors.md")).unwrap();
    let documented = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let documented: Vec<&str> = documented.collect();
    let known: BTreeSet<&str> = documented.iter().copied().collect();
    assert_eq!(known.len(), documented.len(), "docs/errors.md: a rule has two rows");
    let missing: Vec<_> = rules.difference(&known).collect();
    let gone: Vec<_> = known.difference(&rules).collect();
    assert!(missing.is_empty(), "docs/errors.md: add rows for the rules {missing:?}");
    assert!(gone.is_empty(), "docs/errors.md: has rows that are not in RULES: {gone:?}");
}

#[test]
fn storage_page_shows_a_record_that_is_one() {
    let page = fs::read_to_string(page("storage-schema.md")).unwrap();
    let example = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let record = rollcall::client::Record::parse(example.as_bytes()).unwrap();
    let members = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        value.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(members(example), members(&record.to_json().unwrap()));
    for member in members(example).iter().filter(|name| *name != "client_id") {
        assert!(page.contains(&format!("| `{member}` |")), "{member} is not explained");
    }
}

/// The effect of each setting of a policy.
const EFFECTS: &[(&str, &str)] = &[
    (
        "redirect_hosts",
        "the allowed hosts of https redirect URIs. Redirect URIs with other schemes (loopback http and private-use schemes) are not \
         affected; to exclude those, set `https_redirects` too",
    ),
    ("denied_redirect_hosts", "hosts that https redirect URIs must not have"),
    (
        "redirect_schemes",
        "the allowed schemes of redirect URIs, including `https` and `http` (loopback). It cannot allow [schemes that are always \
         rejected](redirect-uris.md#schemes-that-are-rejected)",
    ),
    ("denied_redirect_schemes", "schemes that redirect URIs must not have"),
    (
        "https_redirects",
        "with true, all redirect URIs must be https: loopback addresses and private-use schemes are rejected",
    ),
    (
        "https_links",
        "with true, `client_uri`, `logo_uri`, `tos_uri`, `policy_uri` and similar links must be https",
    ),
    (
        "reverse_dns_schemes",
        "with true, private-use schemes must have a dot, like `com.example.app` (RFC 8252 §7.1)",
    ),
    ("max_redirect_uris", "how many redirect URIs a client may have"),
    ("application_types", "the allowed application types"),
    ("required_members", "members that a client must send"),
    ("forbidden_members", "members that a client must not send"),
    (
        "reserved_names",
        "names that a `client_name` must not contain, [in any spelling that looks alike](#reserved-names)",
    ),
    (
        "logo",
        "`drop`: `logo_uri` is removed. `same_site`: `logo_uri` must be on the site of `client_uri`. `allow`: every `logo_uri` is kept",
    ),
    ("auth_methods", "the allowed values of `token_endpoint_auth_method`"),
    ("grant_types", "the allowed grant types"),
    ("scopes", "the allowed scope tokens"),
    (
        "default_scope",
        "the scope of a client that asks for no scope, or only for unsupported ones. If it is left out, the client gets the part of \
         `REGISTRATION.default_scope` that `scopes` allows. If there is no such part, it gets all of `scopes`",
    ),
    (
        "client_ttl",
        "how long a client lives after its registration, in seconds. Uses and updates do not prolong it",
    ),
    (
        "approval",
        "with true, a client [waits for your approval](approval.md) after its registration, and after each update of its names, redirect \
         URIs or keys",
    ),
    (
        "require_certificate",
        "with true, a registration needs an accepted [client certificate](certificates.md)",
    ),
    (
        "certificate",
        "the [client certificates](certificates.md#where-certificates-come-from) that are accepted: each list that is set must have \
         the certificate",
    ),
    (
        "bind",
        "what [management needs again](certificates.md#bound-clients) of the client certificate",
    ),
    ("description", "a note for you, without effect"),
];

#[test]
fn policy_page_lists_every_setting() {
    let mut text = String::from(
        "# Policies\n\nA [policy](glossary.md#policy) is a list of rules for clients. There are three kinds:\n\n\
         - `POLICY` applies to all clients of an [issuer](glossary.md#issuer).\n\
         - `ANONYMOUS_POLICY` applies to clients without an initial access token, in [some modes](gate.md#modes) of the\n  \
         [gate](glossary.md#gate).\n\
         - The `policy` of an [initial access token](glossary.md#initial-access-token) applies to [the clients that are registered with\n  \
         it](gate.md#what-a-tokens-policy-applies-to).\n\n\
         For example, in `wrangler.toml`:\n\n\
         ```toml\n[vars.POLICY]\nredirect_hosts = [\"app.example.com\", \"*.example.org\"]\nhttps_redirects = true\n\
         reserved_names = [\"Claude\"]\n```\n\n\
         The policy of a token is JSON. It has at most 2048 bytes, because it is stored with every client that registers with the token.\n\
         `POST {issuer}/admin/initial-access-tokens` takes it as the member `policy`, and the command line as an option:\n\n\
         ```sh\nexport ADMIN_TOKEN=... ISSUER=https://auth.example.com\n\
         npm run token -- --uses 5 --policy '{\"redirect_hosts\": [\"*.partner.example\"], \"https_redirects\": true, \"client_ttl\": 7776000}'\n```\n\n\
         All three have the settings below. A setting that you leave out restricts nothing; `default_scope` is not a restriction, and the\n\
         table says what applies if you leave it out. A list has at most 100 entries.\n\n\
         | Setting | Value | Effect |\n| --- | --- | --- |\n",
    );
    let settings = policy_settings();
    for (name, expected) in &settings {
        let effect = EFFECTS.iter().find(|(known, _)| known == name);
        let (_, effect) = effect
            .unwrap_or_else(|| panic!("tests/docs.rs: add the effect of `{name}` to EFFECTS"));
        writeln!(text, "| `{name}` | {expected} | {effect} |").unwrap();
    }
    for (known, _) in EFFECTS {
        let exists = settings.iter().any(|(name, _)| name == known);
        assert!(exists, "tests/docs.rs: `{known}` of EFFECTS is no setting of a policy");
    }
    text += "\n## Policies that no client can meet\n\n\
             Rollcall checks whether any client can meet the policies, given the values that the server supports. It checks `POLICY` alone,\n\
             `POLICY` with `ANONYMOUS_POLICY`, and, when a token is created, `POLICY` with the policy of that token. If a list has no value\n\
             left, or two settings exclude each other, no client could register. If the configuration has this problem, the Worker does not\n\
             start to serve. If only the token's policy has it, the token is rejected (400). The error names the setting and the value that\n\
             was probably meant. A single unsupported value is a warning in the log and in `npm run doctor`, and the response with a new\n\
             token has it in `warnings`. If a policy becomes impossible because the document at `UPSTREAM_METADATA` changes, the Worker\n\
             keeps serving, and the log and the doctor report it.\n";
    text += "\n## Several policies\n\nIf two policies apply to a client (`POLICY` and one of the other two), the client must meet both. Of a list such as\n\
             `scopes`, a client may have the values that both policies allow. The `default_scope` of the second policy replaces that of\n\
             `POLICY`. The shorter `client_ttl` applies. The client waits for approval if one of them says so.\n\
             A client certificate must be accepted by both.\n\n\
             A changed policy applies to registrations and updates from then on. Clients that are already registered stay as they are, also\n\
             if they break the new rules; their next update must meet them. Their `client_ttl` does not change. The policy of a token is\n\
             stored with each of its clients, and does not change.\n\n\
             ## Hosts\n\nIn a list of hosts, `*.example.com` matches every host below example.com. It does not match example.com itself: list\n\
             both if you need both.\n\n\
             ## Reserved names\n\nA reserved name is found in every spelling that looks like it. For the comparison, both names are brought into the\n\
             Unicode normal form NFKD. Then each character is replaced by the ASCII letter that it looks like:\n\n\
             - letters of other alphabets, and letters with marks: `Сlаudе` with Cyrillic letters, `Clåude`;\n\
             - fullwidth, circled and mathematical letters: `Ｃｌａｕｄｅ`;\n\
             - currency signs and `@`: `₵laude`, `Cl@ude`;\n\
             - `!` before a letter or digit, which looks like `l`: `C!aude`. At the end of a word, as in `Yahoo!`, it is a sign;\n\
             - the digits 0 and 1: `C1aude`. `i`, `l`, `1` and `|` count as the same letter, and so do `o` and `0`.\n\n\
             A reserved name matches only whole words of the `client_name`. A word begins or ends at each of these positions:\n\n\
             - at a space or a sign;\n\
             - before a capital letter, as in `ClaudeDesktop`;\n\
             - before and after a digit, as in `Claude2`. The spelling `C1aude` is three words, `C`, `1` and `aude`. Rollcall finds the reserved\n  \
             name there, because a reserved name can also match several words in a row;\n\
             - between Latin letters and another script;\n\
             - before and after every letter of a script that is written without spaces. So a reserved ライン also matches in オンライン.\n\n\
             One rule applies without any policy: a word of a name must not mix similar-looking letters of two alphabets, like the Latin and\n\
             the Cyrillic `a` ([`mixed_alphabets`](errors.md)).\n";
    hold("policy.md", &text);
}

/// Whether an entry of `ISSUERS` may have this variable: whatever is wrong with it, it is known.
fn is_for_one_issuer(name: &str) -> bool {
    let issuers = json!({"https://auth.example.com": {name: 1}});
    let settings = Settings::from_vars(|asked| match asked {
        "ISSUERS" => issuers.clone(),
        _ => Value::Null,
    });
    let why = Config::parse(settings).unwrap_err().to_string();
    !why.contains("is not known here")
}

fn settings(text: &mut String, rows: &[Setting], first: &str, default: &str) {
    writeln!(text, "\n| {first} | Value | {default} | Meaning |\n| --- | --- | --- | --- |")
        .unwrap();
    for Setting { name, expected, default, meaning } in rows {
        writeln!(text, "| `{name}` | {expected} | {default} | {meaning} |").unwrap();
    }
}

#[test]
fn configuration_page_lists_every_setting() {
    let mut text = String::from(
        "# Configuration\n\nThis page lists every setting. It is generated from `src/issuer/reference.rs`. Change the settings in\n\
         [`wrangler.toml`](../wrangler.toml), which shows each with an example; secrets are [set separately](operations.md#secrets).\n\
         An invalid value, or an unknown member of a table, stops the Worker from serving: every request is 500, and the log names the\n\
         setting. `npm run doctor` reports it before you deploy, and warns of unknown variables. A list has at most 100 entries.\n\n\
         ## Variables\n\nThese are members of `[vars]`. An empty text counts as not set; this includes secrets. A table can also be\n\
         given as JSON text, as in `--var`.\n",
    );
    settings(&mut text, &reference::VARIABLES, "Variable", "If left out");
    let own =
        reference::VARIABLES.iter().map(|row| row.name).filter(|name| is_for_one_issuer(name));
    let own: Vec<String> = own.map(|name| format!("`{name}`")).collect();
    writeln!(
        text,
        "\nAn entry of `ISSUERS` is named after its [issuer](glossary.md#issuer). It can have its own {}.",
        own.join(", ")
    )
    .unwrap();
    text += "\n## Members of the tables\n\nTimes are in seconds.\n";
    settings(&mut text, &reference::TABLE_SETTINGS, "Setting", "If left out");
    text += "\n`POLICY` and `ANONYMOUS_POLICY` have [settings of their own](policy.md).\n\n## Secrets\n";
    settings(&mut text, &reference::SECRETS, "Secret", "If not set");
    text += "\n## Bindings\n\nEach binding is a table of its own in `wrangler.toml`. Two more tables are there: without `[assets]` there\n\
             are no [pages](pages.md), and without `[cache]` the Worker runs for [every request for a discovery\n\
             document](operations.md#when-a-changed-document-shows).\n";
    settings(&mut text, &reference::BINDINGS, "Binding", "If missing");
    text += "\n## METADATA\n\nThe members are authorization server metadata with their registered names. [Issuers and\n\
             discovery](issuers.md#where-the-documents-are) says which of them have a default.\n\n\
             | Member | Value |\n| --- | --- |\n";
    for (name, kind) in PUBLISHED {
        if kind != published::PublishedKind::Derived {
            writeln!(text, "| `{name}` | {} |", kind.expected()).unwrap();
        }
    }
    hold("configuration.md", &text);
}

#[test]
fn errors_page_has_the_status_and_code_of_every_refusal() {
    let page = fs::read_to_string(page("errors.md")).unwrap();
    let other = page.split("| Status | `error` | When |").nth(1).unwrap();
    let rows = other.lines().filter_map(|line| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        Some((cells.next()?, cells.next()?.trim_matches('`')))
    });
    let rows = rows.filter(|(statuses, _)| statuses.starts_with(|c: char| c.is_ascii_digit()));
    let listed: BTreeSet<(u16, &str)> = rows
        .flat_map(|(statuses, code)| {
            statuses.split(", ").map(move |status| (status.parse().unwrap(), code))
        })
        .collect();
    let is_metadata = |row: &RefusalRow| is_code_of_metadata(row.code);
    let refusals: BTreeSet<(u16, &str)> =
        REFUSALS.iter().filter(|row| !is_metadata(row)).map(|row| (row.status, row.code)).collect();
    let missing: Vec<_> = refusals.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&refusals).collect();
    assert!(missing.is_empty(), "docs/errors.md: add to `Other errors`: {missing:?}");
    assert!(gone.is_empty(), "docs/errors.md: in `Other errors`, but not in REFUSALS: {gone:?}");
}

/// Whether the rules of the page's first table have this code.
fn is_code_of_metadata(code: &str) -> bool {
    code == "invalid_redirect_uri"
        || code == "invalid_client_metadata"
        || code.ends_with("_software_statement")
}

#[test]
fn operator_page_lists_every_route_of_the_operator() {
    let page = fs::read_to_string(page("operator.md")).unwrap();
    for endpoint in ROUTES.iter().filter(|endpoint| endpoint.caller == Caller::Operator) {
        let path = endpoint.path.strip_prefix("/admin").unwrap();
        for method in endpoint.operations.iter().flat_map(|operation| operation.methods) {
            let row = format!("| `{method} {path}` |");
            assert!(page.contains(&row), "docs/operator.md: add a row `{method} {path}`");
        }
    }
}

#[test]
fn events_page_explains_every_action() {
    let page = fs::read_to_string(page("events.md")).unwrap();
    for action in action_names() {
        assert!(page.contains(&format!("`{action}`")), "docs/events.md: explain `{action}`");
    }
}

#[test]
fn events_page_explains_every_member_of_a_log_line() {
    let page = fs::read_to_string(page("events.md")).unwrap();
    let line = LogLine {
        at: 0,
        action: "",
        method: "",
        issuer: Some(""),
        route: "",
        status: 0,
        outcome: "",
        event: Some(""),
        client_id: Some(""),
        detail: Some(""),
        errors: &[Rejection { member: String::new(), rule: String::new() }],
        duration_ms: 0,
        request_id: "",
    };
    let line = serde_json::to_value(line).unwrap();
    for member in line.as_object().unwrap().keys() {
        assert!(page.contains(&format!("| `{member}` |")), "docs/events.md: explain `{member}`");
    }
}
