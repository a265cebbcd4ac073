//! Configurations whose lists are as long as they may be, so that each rule takes its longest way.

use serde_json::{Map, Value, json};

use rollcall_support::gated::mint;
use rollcall_support::statements::issuer;
use rollcall_support::{Call, ORIGIN, Server, served, settings, shipped_metadata};

/// The entries that a list of the configuration may have.
const ENTRIES: usize = 100;
/// Where the document of the authorization server is.
const UPSTREAM: &str = "https://auth.example.com/.well-known/openid-configuration";

/// A configuration of the server.
pub struct Configuration {
    pub name: &'static str,
    vars: Value,
    /// The policy of the initial access token that clients register with.
    token_policy: Option<Value>,
    /// The document at [`UPSTREAM`].
    upstream: Option<Value>,
    /// Whether its lists are those of another configuration, so that a few shapes will do.
    pub repeats_another: bool,
}

/// A configured server, and the token to register with.
pub struct Prepared {
    pub server: Server,
    token: Option<String>,
}

impl Configuration {
    fn new(name: &'static str, vars: Value) -> Self {
        Self { name, vars, token_policy: None, upstream: None, repeats_another: false }
    }

    /// Starts the server, and lets it do what only the first request costs.
    pub fn prepare(&self) -> Prepared {
        let server = Server::configured(settings(&self.vars));
        if let Some(document) = &self.upstream {
            server.web.borrow_mut().insert(UPSTREAM.into(), served(document.to_string()));
        }
        let token = self.token_policy.as_ref().map(|policy| {
            let minted = mint(&server, &json!({"uses": 10_000, "policy": policy}));
            minted["initial_access_token"].as_str().unwrap().to_owned()
        });
        let prepared = Prepared { server, token };
        if self.token_policy.is_some() || self.upstream.is_some() {
            let first = prepared.register(include_str!("readme.json"));
            prepared.server.send(first);
        }
        prepared
    }
}

impl Prepared {
    /// A registration, with the token if there is one.
    pub fn register(&self, body: &str) -> Call {
        let call = Call::register(body);
        match &self.token {
            Some(token) => call.header("authorization", &format!("Bearer {token}")),
            None => call,
        }
    }
}

/// Every configuration.
pub fn all() -> Vec<Configuration> {
    let tiered = |policy: &Map<String, Value>| {
        json!({
            "POLICY": policy, "ANONYMOUS_POLICY": policy, "METADATA": metadata(),
            "REGISTRATION": {"mode": "tiered"},
        })
    };
    let mut refusing = lists();
    for (name, value) in refusals() {
        refusing.insert(name.into(), value);
    }
    let both = json!({
        "POLICY": lists(), "METADATA": metadata(), "REGISTRATION": {"mode": "token"},
    });
    let overlaid = json!({
        "UPSTREAM_METADATA": UPSTREAM, "METADATA": null, "POLICY": lists(),
    });
    vec![
        Configuration::new("no policy", Value::Null),
        Configuration::new("passing", tiered(&lists())),
        Configuration::new("refusing", tiered(&refusing)),
        Configuration {
            token_policy: Some(token_policy()),
            repeats_another: true,
            ..Configuration::new("policies of the operator and a token", both)
        },
        Configuration {
            upstream: Some(upstream()),
            repeats_another: true,
            ..Configuration::new("long lists of an authorization server", overlaid)
        },
        Configuration::new("shared clients", shared()),
        Configuration {
            repeats_another: true,
            ..Configuration::new("trusted issuers", trusting())
        },
    ]
}

/// Clients that are public unless they say otherwise, and shared, so that all their metadata are sorted and digested.
fn shared() -> Value {
    let mut metadata = shipped_metadata();
    metadata["token_endpoint_auth_methods_supported"] = json!(["none"]);
    let registration = json!({"shared_public_clients": true});
    json!({"METADATA": metadata, "REGISTRATION": registration, "SHARED_ID_KEY": "A".repeat(43)})
}

/// As many issuers of software statements as there may be, each with a policy. The last one is that of the shapes.
fn trusting() -> Value {
    let of = |n: usize| issuer(&json!({"iss": format!("https://{n}.example"), "policy": lists()}));
    let last = issuer(&json!({"policy": lists()}));
    let issuers: Vec<Value> = (1..ENTRIES).map(of).chain([last]).collect();
    json!({"SOFTWARE_STATEMENTS": {"issuers": issuers}, "POLICY": lists(), "METADATA": metadata()})
}

/// `ENTRIES` values, the last of which is `last`.
fn filled(last: &str, other: impl Fn(usize) -> String) -> Value {
    (1..ENTRIES).map(|n| Value::from(other(n))).chain([last.into()]).collect()
}

/// Lists that let the shapes pass, with what they match at their end. All entries have their beginnings in common
/// with what is compared to them.
fn lists() -> Map<String, Value> {
    let settings = json!({
        "redirect_hosts": filled("*.example.com", |n| format!("*.{n}.app.example.com")),
        "denied_redirect_hosts": filled("denied.example.com", |n| format!("*.{n}.denied.example.com")),
        "redirect_schemes": filled("https", |n| match n {
            1..90 => format!("com.example.app{n}"),
            _ => ["http", "com.example.app"][n % 2].into(),
        }),
        "denied_redirect_schemes": filled("com.example.denied", |n| format!("com.example.denied{n}")),
        "required_members": filled("redirect_uris", |_| "redirect_uris".into()),
        "forbidden_members": filled("jwks_uri", |_| "introspection_encrypted_response_enc".into()),
        "reserved_names": filled("Zlaude", |n| match n % 4 {
            0 => format!("{}{n}", "a".repeat(60)),
            1 => format!("{}{n}", "alalal".repeat(10)),
            2 => format!("Ж{}{n}", "\u{430}1".repeat(20)),
            _ => format!("{}{n}", "\u{4e00}\u{ac01}".repeat(10)),
        }),
        "scopes": filled("openid", |n| format!("scope{n}")),
        "application_types": filled("web", |_| "native".into()),
        "auth_methods": filled("client_secret_basic", |n| match n {
            1..98 => "self_signed_tls_client_auth".into(),
            _ => "private_key_jwt".into(),
        }),
        "grant_types": filled("authorization_code", |n| match n {
            99 => "refresh_token".into(),
            _ => format!("urn:example:grant:{n}"),
        }),
        "logo": "same_site",
        "max_redirect_uris": 100,
    });
    let Value::Object(settings) = settings else { unreachable!() };
    settings
}

/// Settings that most shapes break, each as often as it can be.
fn refusals() -> [(&'static str, Value); 8] {
    let required = |_| String::from("authorization_encrypted_response_enc");
    let forbidden = |_| String::from("introspection_encrypted_response_enc");
    [
        ("redirect_hosts", filled("other.example.org", |n| format!("*.{n}.app.example.com"))),
        ("redirect_schemes", filled("https", |n| format!("https{n}"))),
        ("required_members", filled("software_statement", required)),
        ("forbidden_members", filled("client_name", forbidden)),
        ("https_redirects", true.into()),
        ("https_links", true.into()),
        ("reverse_dns_schemes", true.into()),
        ("max_redirect_uris", 1.into()),
    ]
}

/// A policy of a token, as long as it may be: the ends of [`lists`], where its matches are.
fn token_policy() -> Value {
    let mut policy = lists();
    for list in policy.values_mut().filter_map(Value::as_array_mut) {
        list.drain(..ENTRIES - 6);
    }
    assert!((1200..2048).contains(&Value::from(policy.clone()).to_string().len()));
    policy.into()
}

/// The lists of the metadata that clients are held against; those of algorithms and methods with known values only.
fn metadata_lists(entries: usize) -> Map<String, Value> {
    let list = |values: &[&str]| -> Value {
        let repeated = values.iter().cycle().take(entries - 1);
        repeated.copied().chain(values.last().copied()).map(Value::from).collect()
    };
    let named = |last: &str, other: &dyn Fn(usize) -> String| -> Value {
        (1..entries).map(|n| Value::from(other(n))).chain([last.into()]).collect()
    };
    let mut lists = Map::new();
    for member in rollcall::client::table::MEMBERS {
        let Some(name) = member.kind.supported_list() else { continue };
        let values: &[&str] = match name {
            _ if name.ends_with("encryption_alg_values_supported") => &["ECDH-ES", "RSA-OAEP"],
            _ if name.ends_with("_enc_values_supported") => &["A256GCM", "A128GCM"],
            _ if name.contains("_alg_values_supported") => &["PS512", "ES256", "RS256"],
            "subject_types_supported" => &["pairwise", "public"],
            "backchannel_token_delivery_modes_supported" => &["ping", "poll"],
            _ => continue,
        };
        lists.insert(name.into(), list(values));
    }
    lists.insert("scopes_supported".into(), named("openid", &|n| format!("scope{n}")));
    lists.insert("acr_values_supported".into(), named("public", &|n| format!("acr{n}")));
    lists.insert(
        "grant_types_supported".into(),
        named("authorization_code", &|n| match n {
            99 => "refresh_token".into(),
            _ => format!("urn:example:grant:{n}"),
        }),
    );
    lists.insert("response_types_supported".into(), list(&["code"]));
    lists.insert(
        "token_endpoint_auth_methods_supported".into(),
        list(&["private_key_jwt", "none", "client_secret_post", "client_secret_basic"]),
    );
    lists
}

/// The shipped metadata with lists that are as long as they may be.
fn metadata() -> Value {
    let mut metadata = shipped_metadata();
    metadata.as_object_mut().unwrap().extend(metadata_lists(ENTRIES));
    metadata
}

/// A document of an authorization server, near the largest that is read.
fn upstream() -> Value {
    let mut document = shipped_metadata();
    let members = document.as_object_mut().unwrap();
    members.extend(metadata_lists(500));
    members.insert("issuer".into(), ORIGIN.into());
    for (name, path) in
        [("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("jwks_uri", "jwks")]
    {
        members.insert(name.into(), format!("{ORIGIN}/{path}").into());
    }
    document
}
