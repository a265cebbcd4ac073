//! The findings of the check-up of a discovery document.

use rollcall::issuer::checkup::examine;
use rollcall::issuer::finding::{Finding, Severity};
use rollcall::issuer::{Config, Settings};
use rollcall_support::{ORIGIN, shipped_metadata};
use serde_json::{Map, Value, json};

/// A document without findings.
fn sound() -> Map<String, Value> {
    let document = json!({
        "issuer": ORIGIN,
        "authorization_endpoint": "https://auth.example.com/authorize",
        "token_endpoint": "https://auth.example.com/token",
        "jwks_uri": "https://keys.example.com/jwks",
        "registration_endpoint": "https://auth.example.com/reg",
        "scopes_supported": ["openid"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "authorization_response_iss_parameter_supported": true,
    });
    document.as_object().unwrap().clone()
}

fn found(document: &Map<String, Value>) -> Vec<(Severity, String, String)> {
    let listed = |finding: Finding| {
        assert!(!finding.breaks.is_empty() && !finding.fix.is_empty());
        (finding.severity, finding.member, finding.wrong.into_owned())
    };
    examine(ORIGIN, document, false).into_iter().map(listed).collect()
}

#[test]
fn sound_document_has_no_findings() {
    assert_eq!(found(&sound()), []);
}

#[test]
fn every_finding_is_found_where_it_is_and_alone() {
    use Severity::{Fatal, Warning};
    let null = Value::Null;
    for (member, value, severity, wrong) in [
        ("issuer", json!("https://auth.example.com/"), Fatal, "is not the issuer"),
        ("issuer", json!(1), Fatal, "has another type"),
        ("op_policy_uri", json!(""), Fatal, "is null or empty"),
        ("registration_endpoint", json!(null), Fatal, "is null or empty"),
        ("unknown_member", json!(null), Fatal, "is null or empty"),
        ("scopes_supported", json!("openid"), Fatal, "has another type"),
        ("claims_parameter_supported", json!("true"), Fatal, "has another type"),
        ("response_types_supported", null.clone(), Fatal, "is missing"),
        ("authorization_endpoint", null.clone(), Fatal, "is missing"),
        ("token_endpoint", null.clone(), Fatal, "is missing"),
        ("token_endpoint", json!("/token"), Fatal, "is not an absolute URL"),
        ("token_endpoint", json!("https://auth.example.com/#t"), Fatal, "is not an absolute URL"),
        ("token_endpoint", json!("http://auth.example.com/t"), Fatal, "is not https"),
        ("registration_endpoint", json!("https://evil.example/reg"), Warning, "is on another site"),
        ("registration_endpoint", null.clone(), Warning, "is missing"),
        ("response_types_supported", json!(["id_token"]), Warning, "lacks code"),
        ("code_challenge_methods_supported", null.clone(), Warning, "lacks S256"),
        ("code_challenge_methods_supported", json!(["plain", "S256"]), Warning, "offers plain"),
        (
            "token_endpoint_auth_methods_supported",
            json!(["client_secret_post"]),
            Warning,
            "lacks none",
        ),
        ("token_endpoint_auth_methods_supported", json!(["none", "x"]), Warning, "lists a method"),
        (
            "grant_types_supported",
            json!(["client_credentials"]),
            Warning,
            "lacks authorization_code",
        ),
        ("authorization_response_iss_parameter_supported", null.clone(), Warning, "is not true"),
        ("jwks_uri", null.clone(), Warning, "is missing although"),
        ("subject_types_supported", null.clone(), Warning, "is missing although"),
        ("id_token_signing_alg_values_supported", null.clone(), Warning, "is missing although"),
        ("id_token_signing_alg_values_supported", json!(["ES256"]), Warning, "lacks RS256"),
        ("token_endpoint_auth_signing_alg_values_supported", null.clone(), Warning, "is missing"),
        (
            "token_endpoint_auth_signing_alg_values_supported",
            json!(["none"]),
            Warning,
            "lists none",
        ),
    ] {
        let mut document = sound();
        if value.is_null() && wrong != "is null or empty" {
            document.remove(member);
        } else {
            document.insert(member.into(), value.clone());
        }
        let found = found(&document);
        let expected = |(severe, name, text): &(Severity, String, String)| {
            *severe == severity && name == member && text.starts_with(wrong)
        };
        assert!(found.iter().any(expected), "{member} = {value}: {found:?}");
        let others = found.iter().filter(|(_, name, _)| name != member).count();
        assert_eq!(others, 0, "{member} = {value}: {found:?}");
    }
}

#[test]
fn issuer_with_a_trailing_slash_is_a_warning() {
    let mut document = sound();
    document.insert("issuer".into(), json!("https://auth.example.com/"));
    let found = examine("https://auth.example.com/", &document, false);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].severity, &*found[0].member), (Severity::Warning, "issuer"));
}

#[test]
fn published_documents_are_examined_at_start_up() {
    let findings = |metadata: Value| {
        let settings = Settings { issuer: Some(ORIGIN.into()), metadata, ..Settings::default() };
        let config = Config::parse(settings).unwrap();
        let profile = config.issuers()[0].own_profile().unwrap();
        profile.findings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let mut metadata = shipped_metadata();
    metadata["authorization_response_iss_parameter_supported"] = true.into();
    assert_eq!(findings(metadata.clone()), [""; 0]);
    metadata["token_endpoint"] = json!("https://elsewhere.example/token");
    let listed = findings(metadata);
    assert_eq!(listed.len(), 1);
    assert!(
        listed[0].starts_with("token_endpoint is on another site than the issuer: "),
        "{listed:?}"
    );
}

/// Hosted MCP clients then neither use their document nor register.
#[test]
fn metadata_documents_without_public_clients_are_a_warning() {
    let mut document = sound();
    document.insert("client_id_metadata_document_supported".into(), json!(true));
    assert_eq!(found(&document), []);
    for methods in [json!(["client_secret_basic"]), Value::Null] {
        document.insert("token_endpoint_auth_methods_supported".into(), methods.clone());
        if methods.is_null() {
            document.remove("token_endpoint_auth_methods_supported");
        }
        let found = found(&document);
        let is_it = |(_, member, wrong): &(Severity, String, String)| {
            member == "client_id_metadata_document_supported" && wrong.contains("lacks none")
        };
        assert!(found.iter().any(is_it), "{found:?}");
    }
}
