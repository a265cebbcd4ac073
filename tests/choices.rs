//! Defaults and choices: each value that is filled in is one that the client could have asked for.

use rollcall::client::table::{Kind, MEMBERS};
use rollcall_support::registering::{accepted, client, everything};
use rollcall_support::{Server, profiles};
use serde_json::{Value, json};

/// OpenID Connect Relying Party Metadata Choices 1.0 §2: a list is only an input, and its single value must be in it.
#[test]
fn list_of_choices_is_not_returned_and_outvotes_a_single_value_that_it_lacks() {
    for member in MEMBERS {
        let Kind::Choices { .. } = member.kind else { continue };
        let server = everything();
        let list = client(&json!({member.name: profiles::everything()[member.name]}));
        let registered = server.register(&list).created();
        assert_eq!(registered.get(member.name), None, "{}", member.name);
        let read = server.read_back(&registered);
        assert_eq!((read.status(), read.json().get(member.name)), (200, None), "{}", member.name);
    }
    for (list, single, value, other) in [
        ("id_token_signing_alg_values_supported", "id_token_signed_response_alg", "RS256", "ES256"),
        (
            "token_endpoint_auth_methods_supported",
            "token_endpoint_auth_method",
            "client_secret_basic",
            "none",
        ),
        ("subject_types_supported", "subject_type", "public", "pairwise"),
    ] {
        let registered = accepted(json!({list: [other], single: value}));
        assert_eq!(registered[single], other, "{single}");
    }
}

#[test]
fn rp_metadata_choices_2_the_server_chooses_what_it_prefers() {
    let list = json!(["ES256", "PS256", "RS256"]);
    let client = accepted(json!({"id_token_signing_alg_values_supported": list}));
    assert_eq!(client["id_token_signed_response_alg"], "RS256", "first in the server's order");
    let single = json!({"id_token_signing_alg_values_supported": list, "id_token_signed_response_alg": "PS256"});
    assert_eq!(
        accepted(single)["id_token_signed_response_alg"],
        "PS256",
        "what the client names itself"
    );
    let unsupported = json!({"id_token_signing_alg_values_supported": list, "id_token_signed_response_alg": "ES512"});
    assert_eq!(
        accepted(unsupported)["id_token_signed_response_alg"],
        "RS256",
        "no error while a choice is left"
    );
    let methods = json!({"token_endpoint_auth_methods_supported": ["client_secret_jwt", "none"]});
    let public = accepted(methods);
    assert_eq!(
        (&public["token_endpoint_auth_method"], public.get("client_secret")),
        (&json!("none"), None)
    );
    let idle = accepted(json!({"id_token_encryption_enc_values_supported": ["A256GCM"]}));
    assert_eq!(idle.get("id_token_encrypted_response_enc"), None, "no alg, so nothing to encrypt");
    let hopeless = json!({"id_token_signing_alg_values_supported": ["ES512", "HS256"]});
    let answer = everything().register(&self::client(&hopeless));
    assert_eq!(
        answer.problems()[0],
        ("/id_token_signing_alg_values_supported".to_owned(), "unsupported".to_owned())
    );
    assert!(answer.json()["error_description"].to_string().contains("RS256, PS256, ES256, EdDSA"));
}

#[test]
fn whatever_discovery_advertises_can_be_registered_and_nothing_else() {
    let algorithms = MEMBERS.iter().filter_map(|member| match member.kind {
        Kind::Jws { supported, .. } | Kind::Jwe { supported } | Kind::Enc { supported, .. } => {
            Some((supported, member.name, true))
        }
        _ => None,
    });
    let lists: Vec<(&str, &str, bool)> = [
        ("scopes_supported", "scope", true),
        ("response_types_supported", "response_types", false),
        ("grant_types_supported", "grant_types", false),
        ("token_endpoint_auth_methods_supported", "token_endpoint_auth_method", true),
        ("subject_types_supported", "subject_type", true),
    ]
    .into_iter()
    .chain(algorithms)
    .collect();
    for (metadata, all) in
        [(rollcall_support::shipped_metadata(), false), (profiles::everything(), true)]
    {
        let server = Server::with(metadata);
        let document = server.get("/.well-known/oauth-authorization-server").json();
        let mut keys = profiles::keys();
        keys["keys"][0]["x5c"] = json!(["MIIB"]);
        let with = |member: &str, value: Value| {
            let mut request = client(
                &json!({member: value, "tls_client_auth_san_dns": "a.example", "jwks": keys}),
            );
            if let Some(alg) = member.strip_suffix("enc").map(|stem| format!("{stem}alg")) {
                request[alg] = json!("RSA-OAEP");
            }
            server.register(&request)
        };
        for (list, member, single) in &lists {
            let Some(values) = document[list].as_array() else {
                assert!(!all, "{list} is not published");
                continue;
            };
            for value in values {
                let sent = match value.as_str() {
                    // Alone it could never give a first token.
                    Some("refresh_token") => json!(["authorization_code", value]),
                    _ if *single => value.clone(),
                    _ => json!([value]),
                };
                let answer = with(member, sent.clone());
                assert_eq!(answer.status(), 201, "{list}: {value}: {}", answer.json());
                assert_eq!(answer.json()[member], sent, "{list}");
            }
            if *member != "scope" {
                let sent = if *single { json!("unheard-of") } else { json!(["unheard-of"]) };
                assert_eq!(with(member, sent).status(), 400, "{list}");
            }
        }
    }
}

/// Registers, and registers what came out once more: that has to be the same.
#[track_caller]
fn same_again(server: &Server, request: &Value) -> Value {
    let sendable = |mut registered: Value| {
        let assigned = MEMBERS.iter().filter(|member| member.kind == Kind::ServerAssigned);
        let members = registered.as_object_mut().unwrap();
        assigned.for_each(|member| drop(members.remove(member.name)));
        registered
    };
    let first = sendable(server.register(request).created());
    assert_eq!(sendable(server.register(&first).created()), first);
    first
}

/// RFC 7591 §2.
#[test]
fn default_is_a_value_that_the_client_could_have_asked_for() {
    let with = |name: &str, list: &[&str]| {
        let mut metadata = profiles::everything();
        metadata[name] = json!(list);
        Server::with(metadata)
    };
    let encrypted =
        json!({"id_token_encrypted_response_alg": "RSA-OAEP", "jwks": profiles::keys()});
    for (list, values, request, member, registered) in [
        (
            "id_token_encryption_enc_values_supported",
            &["A256GCM"][..],
            encrypted,
            "id_token_encrypted_response_enc",
            json!("A256GCM"),
        ),
        (
            "id_token_signing_alg_values_supported",
            &["HS256", "ES256"],
            json!({}),
            "id_token_signed_response_alg",
            json!("ES256"),
        ),
        (
            "id_token_signing_alg_values_supported",
            &["none", "ES256"],
            json!({"response_types": ["code id_token"]}),
            "id_token_signed_response_alg",
            json!("ES256"),
        ),
        (
            "introspection_signing_alg_values_supported",
            &["HS256", "ES256"],
            json!({}),
            "introspection_signed_response_alg",
            json!("ES256"),
        ),
        (
            "response_types_supported",
            &["code id_token"],
            json!({}),
            "response_types",
            json!(["code id_token"]),
        ),
        (
            "response_types_supported",
            &["code id_token"],
            json!({"grant_types": ["authorization_code", "implicit"]}),
            "response_types",
            json!(["code id_token"]),
        ),
        (
            "response_types_supported",
            &["code id_token"],
            json!({"grant_types": ["client_credentials"]}),
            "response_types",
            json!([]),
        ),
    ] {
        let client = same_again(&with(list, values), &client(&request));
        assert_eq!(client[member], registered, "{list} {values:?} {request}");
    }
}

#[test]
fn rp_choices_nothing_is_chosen_that_the_client_has_no_key_for_or_the_server_does_not_offer() {
    let registered = |server: &Server, members: Value| server.register(&client(&members)).created();
    let choice = json!({"id_token_encryption_alg_values_supported": ["RSA-OAEP"]});
    for server in [Server::new(), everything()] {
        let registered_client = registered(&server, choice.clone());
        assert_eq!(registered_client.get("id_token_encrypted_response_alg"), None);
    }
    let mut metadata = profiles::everything();
    metadata["token_endpoint_auth_methods_supported"] =
        json!(["private_key_jwt", "client_secret_basic"]);
    let both = json!({"token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"]});
    let server = Server::with(metadata);
    let registered_client = registered(&server, both.clone());
    assert_eq!(registered_client["token_endpoint_auth_method"], "client_secret_basic");
    let mut with_keys = both;
    with_keys["jwks"] = profiles::keys();
    let registered_client = registered(&server, with_keys);
    assert_eq!(registered_client["token_endpoint_auth_method"], "private_key_jwt");
    let mut metadata = profiles::everything();
    metadata.as_object_mut().unwrap().remove("token_endpoint_auth_signing_alg_values_supported");
    let algorithms = json!({
        "token_endpoint_auth_method": "private_key_jwt", "jwks": profiles::keys(),
        "token_endpoint_auth_signing_alg_values_supported": ["HS256", "RS256"],
    });
    let registered_client = registered(&Server::with(metadata), algorithms);
    assert_eq!(registered_client["token_endpoint_auth_signing_alg"], "RS256");
}
