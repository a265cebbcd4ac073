//! Client ID Metadata Documents: their URLs, the rules for their content, and how two versions differ.

use rollcall::client::metadata_document::{
    ChangeKind, DocumentError, DocumentProfile, changes, read_client_url, read_document,
    redirects_version, version,
};
use rollcall::client::{ClientMetadata, Problems};
use rollcall::issuer::{Config, Settings};
use rollcall::vocabulary::{ClientUrl, ClientUrlRules};
use rollcall_support::differences::differences;
use rollcall_support::{Names, ORIGIN, UPDATE_VECTORS, profiles};
use serde_json::{Value, json};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/metadata_documents.json");
const URL: &str = "https://client.example/oauth/metadata.json";

fn vectors() -> Value {
    serde_json::from_str(&std::fs::read_to_string(VECTORS).unwrap()).unwrap()
}

/// A server that resolves documents.
struct Resolver {
    config: Config,
    profile: DocumentProfile,
}

impl Resolver {
    /// A server with the metadata of an MCP server's authorization server.
    fn new(profile: DocumentProfile) -> Self {
        Self::with(profile, vectors()["server"].clone(), json!(null))
    }

    fn with(profile: DocumentProfile, metadata: Value, policy: Value) -> Self {
        let issuer = Some(ORIGIN.to_owned());
        let settings = Settings { issuer, metadata, policy, ..Settings::default() };
        Self { config: Config::parse(settings).unwrap(), profile }
    }

    fn read(&self, url: &str, bytes: &[u8]) -> Result<ClientMetadata, DocumentError> {
        let issuer = self.config.issuers().first().unwrap();
        let profile = issuer.own_profile().unwrap();
        let (supported, policies) = issuer.gate(&Names).settings.terms(&profile.supported, None);
        let url = ClientUrl::parse(url, ClientUrlRules::default()).unwrap();
        read_document(bytes, &url, self.profile, &supported, &policies, &Names)
    }

    /// The effective metadata of `document`, with `changes` laid over it; `null` stays in it.
    fn resolve(&self, changes: &Value) -> Result<Value, Vec<String>> {
        let document = document(changes).to_string();
        match self.read(URL, document.as_bytes()) {
            Ok(metadata) => Ok(serde_json::to_value(&metadata).unwrap()),
            Err(DocumentError::Invalid(problems)) => Err(listed(&problems)),
            Err(DocumentError::NotJson(problem)) => panic!("{problem}"),
        }
    }
}

/// A document at [`URL`], with `changes` laid over it. A member with the value `"(absent)"` is taken out.
fn document(changes: &Value) -> Value {
    let mut document = json!({
        "client_id": URL,
        "client_name": "Client",
        "redirect_uris": ["https://client.example/callback"],
        "token_endpoint_auth_method": "none",
    });
    let members = document.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| value != "(absent)");
    document
}

/// Problems as pointer and rule.
fn listed(problems: &Problems) -> Vec<String> {
    problems.listed().iter().map(|p| format!("{} {}", p.at, p.rule.id())).collect()
}

fn rules(vector: &Value) -> ClientUrlRules {
    let allows =
        |name: &str| vector["allow"].as_array().is_some_and(|list| list.contains(&json!(name)));
    ClientUrlRules { allow_query: allows("query"), allow_loopback: allows("loopback") }
}

#[test]
fn every_url_of_the_vectors_has_its_outcome() {
    let mut differing = Vec::new();
    for vector in vectors()["urls"].as_array().unwrap() {
        let text = vector["url"].as_str().unwrap();
        let outcome = match read_client_url(text, rules(vector), &Names) {
            Ok(url) => {
                assert_eq!(url.as_str(), text);
                "accepted"
            }
            Err(problem) => {
                assert_eq!(problem.at.to_string(), "/client_id");
                problem.rule.id()
            }
        };
        if outcome != vector["outcome"] {
            differing.push(format!("{vector}: {outcome}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn url_knows_its_host_and_path() {
    let any = ClientUrlRules { allow_query: true, allow_loopback: true };
    for (text, host, path, is_root) in [
        ("https://client.example/c", "client.example", "/c", false),
        ("https://client.example:443/", "client.example", "/", true),
        ("https://client.example:8443/?a=/b", "client.example", "/", true),
        ("https://localhost:1/a/b?c", "localhost", "/a/b", false),
        ("https://[::1]:8787/c", "[::1]", "/c", false),
        ("https://[::1]/c", "[::1]", "/c", false),
    ] {
        let url = ClientUrl::parse(text, any).unwrap();
        assert_eq!((url.host(), url.path(), url.is_root()), (host, path, is_root), "{text}");
    }
}

#[test]
fn documents_in_the_wild_resolve_in_profile_mcp() {
    let resolver = Resolver::new(DocumentProfile::Mcp);
    let mut corpus = vectors();
    let mut differing = String::new();
    for vector in corpus["documents"].as_array_mut().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let bytes = vector["document"].to_string();
        let metadata = resolver.read(vector["url"].as_str().unwrap(), bytes.as_bytes());
        let effective = match metadata {
            Ok(metadata) => serde_json::to_value(&metadata).unwrap(),
            Err(error) => panic!("{name}: {error:?}"),
        };
        differing += &differences(name, &vector["effective"], &effective);
        vector["effective"] = effective;
    }
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(VECTORS, serde_json::to_string_pretty(&corpus).unwrap() + "\n").unwrap();
        return;
    }
    assert!(differing.is_empty(), "{VECTORS}: {UPDATE_VECTORS}\n{differing}");
}

#[test]
fn byte_order_mark_is_ignored() {
    let resolver = Resolver::new(DocumentProfile::Draft);
    let bytes = [b"\xef\xbb\xbf", document(&json!({})).to_string().as_bytes()].concat();
    assert!(resolver.read(URL, &bytes).is_ok());
}

/// The host failed to send the document: a page of a firewall, a text, a document that was cut off.
#[test]
fn bytes_that_are_not_json_are_told_from_an_invalid_document() {
    let resolver = Resolver::new(DocumentProfile::Draft);
    let whole = document(&json!({})).to_string();
    let not_utf8 = [br#"{"client_name":""#, &b"\xff"[..], br#""}"#].concat();
    for bytes in [
        &b""[..],
        b"\xef\xbb\xbf",
        b"<!DOCTYPE html><html>Just a moment...</html>",
        b"[error] origin unreachable",
        b"{\"a\":1,\"a\":2",
        b"{\"a\":[[[[[[[[[[",
        b"{}{}",
        &whole.as_bytes()[..whole.len() - 1],
        &not_utf8,
        &[b"\xef\xbb\xbf\xef\xbb\xbf", whole.as_bytes()].concat(),
    ] {
        let error = resolver.read(URL, bytes).unwrap_err();
        let shown = String::from_utf8_lossy(bytes);
        assert!(matches!(error, DocumentError::NotJson(_)), "{shown}: {error:?}");
    }
    let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    for (bytes, problem) in [
        ("[]", " json_object"),
        ("null", " json_object"),
        ("\"text\"", " json_object"),
        ("[[[]]]", " json_object"),
        ("{\"a\":1,\"a\":1}", "/a duplicate_member"),
        ("{\"jwks\":{\"keys\":[],\"keys\":[]}}", "/jwks duplicate_member"),
        (&deep(8), "/a depth"),
        (&deep(2000), "/a depth"),
        ("{\"a\":1e999}", " json_number"),
        ("{\"client_name\":\"\\ud800\"}", " json"),
    ] {
        let error = resolver.read(URL, bytes.as_bytes()).unwrap_err();
        let DocumentError::Invalid(problems) = error else { panic!("{bytes}: {error:?}") };
        assert_eq!(listed(&problems), [problem], "{bytes}");
    }
}

#[test]
fn client_id_that_differs_in_one_byte_is_rejected() {
    let resolver = Resolver::new(DocumentProfile::Draft);
    for client_id in [
        json!("https://client.example/oauth/metadata.json/"),
        json!("https://client.example:443/oauth/metadata.json"),
        json!("https://client.example/oauth/Metadata.json"),
        json!("https://CLIENT.example/oauth/metadata.json"),
        json!("https://client.example/oauth/%6Detadata.json"),
        json!("http://client.example/oauth/metadata.json"),
        json!("https://client.example/oauth/metadata.json "),
        json!("https://other.example/oauth/metadata.json"),
        json!([URL]),
        json!(null),
        json!(""),
        json!("(absent)"),
    ] {
        let problems = resolver.resolve(&json!({"client_id": client_id})).unwrap_err();
        assert_eq!(problems, ["/client_id document_client_id"], "{client_id}");
    }
    let (url, other) = ("https://client.example/%7Ea", "https://client.example/%7ea");
    let bytes = document(&json!({"client_id": other})).to_string();
    assert!(resolver.read(url, bytes.as_bytes()).is_err(), "hex digits in another case");
}

#[test]
fn problem_of_the_client_id_names_the_expected_url() {
    let resolver = Resolver::new(DocumentProfile::Draft);
    let bytes = document(&json!({"client_id": "https://a.example/"})).to_string();
    let Err(DocumentError::Invalid(problems)) = resolver.read(URL, bytes.as_bytes()) else {
        panic!("it is invalid")
    };
    assert_eq!(
        serde_json::to_value(problems.listed()).unwrap(),
        json!([{
            "member": "/client_id",
            "rule": "document_client_id",
            "message": format!("client_id ('https://a.example/') must be the URL of this document, byte for byte: {URL}"),
            "spec": "Client ID Metadata Document draft-02 section 4",
        }])
    );
}

#[test]
fn presence_of_a_secret_rejects_the_document_whatever_its_value() {
    let resolver = Resolver::new(DocumentProfile::Draft);
    for name in ["client_secret", "client_secret_expires_at"] {
        for value in [json!(null), json!(""), json!([]), json!(0), json!("secret"), json!({})] {
            let problems = resolver.resolve(&json!({name: value})).unwrap_err();
            assert_eq!(problems, [format!("/{name} document_secret")], "{value}");
        }
    }
}

#[test]
fn method_with_a_shared_secret_rejects_the_document() {
    let resolver = Resolver::new(DocumentProfile::Draft);
    for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt"] {
        for choices in [json!("(absent)"), json!(["none"])] {
            let changes = json!({
                "token_endpoint_auth_method": method,
                "token_endpoint_auth_methods_supported": choices,
            });
            let problems = resolver.resolve(&changes).unwrap_err();
            assert_eq!(problems, ["/token_endpoint_auth_method document_auth_method"], "{changes}");
        }
    }
    let changes = json!({"token_endpoint_auth_method": "tls_client_auth"});
    let problems = resolver.resolve(&changes).unwrap_err();
    assert_eq!(problems, ["/token_endpoint_auth_method unsupported"]);
    let changes = json!({"token_endpoint_auth_methods_supported": ["client_secret_basic"]});
    let problems = resolver.resolve(&changes).unwrap_err();
    assert_eq!(problems, ["/token_endpoint_auth_methods_supported unsupported"]);
}

#[test]
fn private_keys_and_two_sources_of_keys_are_rejected() {
    let resolver = Resolver::new(DocumentProfile::Draft);
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let mut jwks = profiles::keys();
        jwks["keys"][0][name] = json!("AQAB");
        let problems = resolver.resolve(&json!({"jwks": jwks})).unwrap_err();
        assert_eq!(problems, ["/jwks/keys/0 key_private"], "{name}");
    }
    let both = json!({"jwks": profiles::keys(), "jwks_uri": "https://client.example/jwks"});
    assert_eq!(resolver.resolve(&both).unwrap_err(), ["/jwks keys_twice"]);
}

#[test]
fn method_is_chosen_by_keys_and_choices() {
    let jwks_uri = json!("https://client.example/jwks");
    let none = json!("(absent)");
    for (method, choices, jwks_uri, outcome) in [
        (json!("private_key_jwt"), &none, &none, Err("/jwks keys_required")),
        (json!("private_key_jwt"), &none, &jwks_uri, Ok("private_key_jwt")),
        (json!("private_key_jwt"), &json!(["none", "private_key_jwt"]), &none, Ok("none")),
        (
            json!("private_key_jwt"),
            &json!(["none", "private_key_jwt"]),
            &jwks_uri,
            Ok("private_key_jwt"),
        ),
        (json!("private_key_jwt"), &json!(["none"]), &jwks_uri, Ok("none")),
        (json!("private_key_jwt"), &json!(["private_key_jwt"]), &none, Err("/jwks keys_required")),
        (json!("none"), &json!(["private_key_jwt"]), &jwks_uri, Ok("private_key_jwt")),
        (json!("none"), &json!(["none", "private_key_jwt"]), &jwks_uri, Ok("none")),
        (none.clone(), &json!(["none", "private_key_jwt"]), &jwks_uri, Ok("private_key_jwt")),
        (none.clone(), &json!(["private_key_jwt", "none"]), &none, Ok("none")),
        (
            none.clone(),
            &json!(["tls_client_auth", "client_secret_post", "none"]),
            &none,
            Ok("none"),
        ),
        (none.clone(), &none, &none, Ok("none")),
        (none.clone(), &none, &jwks_uri, Ok("none")),
    ] {
        let changes = json!({
            "token_endpoint_auth_method": method,
            "token_endpoint_auth_methods_supported": choices,
            "jwks_uri": jwks_uri,
        });
        for profile in [DocumentProfile::Draft, DocumentProfile::Mcp] {
            let effective = Resolver::new(profile).resolve(&changes);
            let method = effective.as_ref().map(|members| &members["token_endpoint_auth_method"]);
            match outcome {
                Ok(expected) => assert_eq!(method.unwrap(), expected, "{profile:?} {changes}"),
                Err(problem) => {
                    assert_eq!(method.unwrap_err(), &[problem], "{profile:?} {changes}");
                }
            }
        }
    }
}

#[test]
fn keys_are_handed_on_as_they_are() {
    let resolver = Resolver::new(DocumentProfile::Mcp);
    for keys in
        [json!({"jwks": profiles::keys()}), json!({"jwks_uri": "https://client.example/jwks"})]
    {
        let mut changes = keys.clone();
        changes["token_endpoint_auth_method"] = json!("private_key_jwt");
        let effective = resolver.resolve(&changes).unwrap();
        for (name, value) in keys.as_object().unwrap() {
            assert_eq!(effective[name], *value);
        }
    }
}

/// Without `none`, the default of a missing method depends on the profile.
#[test]
fn missing_method_where_none_is_not_offered() {
    let mut server = vectors()["server"].clone();
    server["token_endpoint_auth_methods_supported"] =
        json!(["client_secret_basic", "private_key_jwt"]);
    let changes = json!({
        "token_endpoint_auth_method": "(absent)",
        "jwks_uri": "https://client.example/jwks",
    });
    let draft = Resolver::with(DocumentProfile::Draft, server.clone(), json!(null));
    let effective = draft.resolve(&changes).unwrap();
    assert_eq!(effective["token_endpoint_auth_method"], "private_key_jwt");
    let mcp = Resolver::with(DocumentProfile::Mcp, server, json!(null));
    assert_eq!(mcp.resolve(&changes).unwrap_err(), ["/token_endpoint_auth_method unsupported"]);
}

#[test]
fn unknown_grants_are_dropped_and_a_document_of_unknown_grants_is_rejected() {
    let resolver = Resolver::new(DocumentProfile::Draft);
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    let grants = |list: Value| resolver.resolve(&json!({"grant_types": list}));
    let effective = grants(json!([device, "authorization_code", "x", "refresh_token"])).unwrap();
    assert_eq!(effective["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(grants(json!([device])).unwrap_err(), ["/grant_types unsupported"]);
    assert_eq!(
        grants(json!(["refresh_token", "x"])).unwrap_err(),
        ["/grant_types refresh_token_alone"]
    );
}

#[test]
fn misleading_names_are_rejected_as_in_a_registration() {
    let policy = json!({"reserved_names": ["Claude"]});
    let server = vectors()["server"].clone();
    let resolver = Resolver::with(DocumentProfile::Mcp, server, policy);
    for (name, rule) in [
        ("Claude", "policy_reserved_name"),
        ("\u{421}laude", "mixed_alphabets"),
        ("C1aude", "policy_reserved_name"),
        ("\u{1d402}laude", "policy_reserved_name"),
        ("\u{202e}edualC", "display_text"),
        ("Cla\u{200b}ude", "display_text"),
    ] {
        let problems = resolver.resolve(&json!({"client_name": name})).unwrap_err();
        assert!(problems.contains(&format!("/client_name {rule}")), "{name}: {problems:?}");
    }
}

#[test]
fn profile_mcp_requires_a_name_redirects_and_a_path() {
    let changes = json!({"client_name": "(absent)", "redirect_uris": []});
    let problems = Resolver::new(DocumentProfile::Mcp).resolve(&changes).unwrap_err();
    let required = [
        "/client_name mcp_required",
        "/redirect_uris mcp_required",
        "/redirect_uris redirect_uris_required",
    ];
    assert_eq!(problems, required);
    let url = "https://client.example/";
    let bytes = document(&json!({"client_id": url})).to_string();
    assert!(Resolver::new(DocumentProfile::Draft).read(url, bytes.as_bytes()).is_ok());
    let error = Resolver::new(DocumentProfile::Mcp).read(url, bytes.as_bytes()).unwrap_err();
    let DocumentError::Invalid(problems) = error else { panic!("{error:?}") };
    assert_eq!(listed(&problems), ["/client_id mcp_path"]);
}

/// Draft-02 §4.2: a client of grants without redirection needs no redirect URIs.
#[test]
fn service_without_redirect_uris_resolves_in_profile_draft() {
    let mut server = vectors()["server"].clone();
    server["grant_types_supported"] = json!(["authorization_code", "client_credentials"]);
    let resolver = Resolver::with(DocumentProfile::Draft, server, json!(null));
    let changes = json!({
        "redirect_uris": "(absent)",
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": profiles::keys(),
    });
    assert!(resolver.resolve(&changes).unwrap().get("redirect_uris").is_none());
}

#[test]
fn every_problem_is_reported_at_once() {
    let changes = json!({
        "client_id": "https://other.example/",
        "client_secret": null,
        "token_endpoint_auth_method": "client_secret_post",
        "client_name": "(absent)",
        "redirect_uris": ["http://client.example/cb", "https://client.example/cb#"],
        "logo_uri": "data:,",
    });
    let problems = Resolver::new(DocumentProfile::Mcp).resolve(&changes).unwrap_err();
    assert_eq!(
        problems,
        [
            "/client_id document_client_id",
            "/client_secret document_secret",
            "/token_endpoint_auth_method document_auth_method",
            "/client_name mcp_required",
            "/redirect_uris/0 redirect_uri_remote_http",
            "/redirect_uris/1 redirect_uri_fragment",
            "/logo_uri uri_scheme",
        ]
    );
}

/// A document must not set what only a server decides.
#[test]
fn members_of_the_server_never_reach_the_result() {
    let resolver = Resolver::new(DocumentProfile::Draft);
    let plain = resolver.resolve(&json!({})).unwrap();
    let changes = json!({
        "client_id_issued_at": 1,
        "client_id_expires_at": 4_102_444_800_u64,
        "registration_access_token": "token",
        "registration_client_uri": "https://client.example/",
        "disabled": false,
        "skip_consent": true,
        "enable_end_session": true,
        "require_pkce": false,
        "reference_id": "1",
        "user_id": "1",
        "resources": ["https://api.example/"],
        "kind": "registered",
        "status": "active",
        "self_asserted": false,
        "vouched_by": "documents",
        "version": "1",
        "provenance": {},
        "metadata": {"client_name": "Other"},
        "__proto__": {"client_name": "Other"},
        "code_challenge_methods_used": ["S256"],
    });
    assert_eq!(resolver.resolve(&changes).unwrap(), plain);
    assert!(plain.get("client_id").is_none());
}

/// The metadata of the usual document with `changes`.
fn metadata(changes: &Value) -> ClientMetadata {
    let resolver = Resolver::new(DocumentProfile::Draft);
    resolver.read(URL, document(changes).to_string().as_bytes()).unwrap()
}

#[test]
fn versions_change_with_what_they_digest() {
    let (a, b, c) =
        ("https://client.example/a", "https://client.example/b", "https://client.example/c");
    let plain = metadata(&json!({"redirect_uris": [a, b]}));
    for (changes, same_version, same_redirects) in [
        (json!({"redirect_uris": [a, b]}), true, true),
        (json!({"redirect_uris": [a, b], "unknown": 1}), true, true),
        (json!({"redirect_uris": [b, a]}), false, true),
        (json!({"redirect_uris": [a, c]}), false, false),
        (json!({"redirect_uris": [a]}), false, false),
        (json!({"redirect_uris": [a, b], "client_name": "Other"}), false, true),
    ] {
        let other = metadata(&changes);
        let found = (
            version(&plain).unwrap() == version(&other).unwrap(),
            redirects_version(&plain) == redirects_version(&other),
        );
        assert_eq!(found, (same_version, same_redirects), "{changes}");
    }
    for digest in [version(&plain).unwrap(), redirects_version(&plain)] {
        assert_eq!(digest.len(), 43, "32 bytes as base64url: {digest}");
    }
}

#[test]
fn changes_name_each_member_and_its_kind() {
    use ChangeKind::{Display, Grants, Keys, Other, Redirects};
    let plain = json!({});
    for (old, new, changed) in [
        (&plain, json!({}), vec![]),
        (
            &plain,
            json!({"redirect_uris": ["https://client.example/other"]}),
            vec![("redirect_uris", Redirects)],
        ),
        (&plain, json!({"client_name": "Other"}), vec![("client_name", Display)]),
        (&plain, json!({"client_name#ja": "Other"}), vec![("client_name#ja", Display)]),
        (&plain, json!({"logo_uri": "https://client.example/logo"}), vec![("logo_uri", Display)]),
        (&plain, json!({"contacts": ["a@client.example"]}), vec![("contacts", Display)]),
        (
            &plain,
            json!({"grant_types": ["authorization_code", "refresh_token"]}),
            vec![("grant_types", Grants)],
        ),
        (&plain, json!({"scope": "read"}), vec![("scope", Grants)]),
        (&plain, json!({"software_version": "2"}), vec![("software_version", Other)]),
        (
            &json!({"jwks_uri": "https://client.example/jwks"}),
            json!({"jwks": profiles::keys()}),
            vec![("jwks", Keys), ("jwks_uri", Keys)],
        ),
        (
            &plain,
            json!({"jwks": profiles::keys(), "token_endpoint_auth_method": "private_key_jwt"}),
            vec![("jwks", Keys), ("token_endpoint_auth_method", Keys)],
        ),
        (
            &plain,
            json!({"post_logout_redirect_uris": ["https://client.example/"]}),
            vec![("post_logout_redirect_uris", Redirects)],
        ),
    ] {
        for (from, to) in [(old, &new), (&new, old)] {
            let found = changes(&metadata(from), &metadata(to));
            let found: Vec<_> = found.members.iter().map(|c| (&*c.member, c.kind)).collect();
            assert_eq!(found, changed, "{from} {to}");
        }
    }
    let (a, b) = ("https://client.example/a", "https://client.example/b");
    let order = changes(
        &metadata(&json!({"redirect_uris": [a, b]})),
        &metadata(&json!({"redirect_uris": [b, a]})),
    );
    assert!(order.is_empty());
    let both = changes(
        &metadata(&plain),
        &metadata(
            &json!({"client_uri": "https://client.example/", "client_name": "Other", "scope": "read"}),
        ),
    );
    assert_eq!(both.kinds(), [Display, Grants]);
    assert_eq!(
        serde_json::to_value(&both).unwrap()[0],
        json!({"member": "client_name", "kind": "display"})
    );
}
