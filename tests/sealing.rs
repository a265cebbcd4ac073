//! Sealed client secrets: what is stored, who may read them, and which keys open them.

use proptest::prelude::*;
use rollcall::issuer::Config;
use rollcall_support::apis::{
    authenticate, bearer, change_state, id, import, look_up, operator, operator_post, registered,
};
use rollcall_support::{ADMIN_TOKEN, AS_TOKEN, Answer, Call, Server, profiles, settings};
use serde_json::{Value, json};

const SECRETS_TOKEN: &str = "the token that may read client secrets";

fn ring(keys: &[(u8, char)]) -> String {
    let key =
        |(number, letter): &(u8, char)| format!("{number}:{}A", letter.to_string().repeat(42));
    keys.iter().map(key).collect::<Vec<_>>().join(",")
}

/// The metadata of a server that computes with client secrets.
fn metadata() -> Value {
    let mut metadata = profiles::everything();
    let methods = metadata["token_endpoint_auth_methods_supported"].as_array_mut().unwrap();
    methods.push("client_secret_jwt".into());
    let lists: Vec<String> = metadata.as_object().unwrap().keys().cloned().collect();
    for name in lists.iter().filter(|name| name.ends_with("signing_alg_values_supported")) {
        let list = metadata[name].as_array_mut().unwrap();
        if !name.starts_with("backchannel") {
            list.extend(["HS256", "HS384", "HS512"].map(Value::from));
        }
    }
    metadata
}

fn with(vars: &Value) -> Server {
    let mut all = json!({"METADATA": metadata(), "AS_SECRETS_TOKEN": SECRETS_TOKEN});
    all.as_object_mut().unwrap().extend(vars.as_object().unwrap().clone());
    Server::configured(settings(&all))
}

/// A server with these keys.
fn sealing(keys: &[(u8, char)]) -> Server {
    with(&json!({"SEALING_KEY": ring(keys)}))
}

/// The same deployment with other settings: what it has stored stays.
fn again(mut server: Server, vars: &Value) -> Server {
    server.config = with(vars).config;
    server
}

fn without_key() -> Value {
    json!({"METADATA": profiles::everything()})
}

fn client(members: &Value) -> Value {
    rollcall_support::registering::client(members)
}

fn register(server: &Server, members: &Value) -> Value {
    let registered = server.register(&client(members)).created();
    server.store.pass(2_000);
    registered
}

fn secret(client: &Value) -> &str {
    client["client_secret"].as_str().unwrap()
}

fn path(client: &Value) -> String {
    format!("/as/clients/{}?include=client_secret", id(client))
}

fn ask(server: &Server, client: &Value) -> Answer {
    server.send(bearer("GET", &path(client), SECRETS_TOKEN))
}

/// The secrets that an authorization server gets, the newest first.
fn secrets(server: &Server, client: &Value) -> Vec<String> {
    let answer = ask(server, client);
    assert_eq!(answer.status(), 200);
    let json = answer.json();
    let list = json["client_secrets"].as_array().unwrap();
    list.iter().map(|one| one["client_secret"].as_str().unwrap().to_owned()).collect()
}

fn record(server: &Server, client: &Value) -> Value {
    let records = server.store.records();
    let found = records.iter().find(|(key, _)| key.ends_with(id(client))).unwrap();
    serde_json::from_str(&found.1).unwrap()
}

fn key_number(server: &Server, client: &Value) -> String {
    let record = record(server, client);
    record["secrets"][0]["sealed"].as_str().unwrap().split_once('.').unwrap().0.to_owned()
}

fn plant(server: &Server, client: &Value, record: &Value) {
    let records = server.store.records();
    let key = &records.iter().find(|(key, _)| key.ends_with(id(client))).unwrap().0;
    server.store.spoil(key, &record.to_string());
}

fn rotate(server: &Server, client: &Value, keep_former: bool) -> String {
    let body = json!({"credential": "client_secret", "keep_former": keep_former});
    let answer = operator_post(server, &format!("/{}/rotate", id(client)), &body);
    server.store.pass(2_000);
    secret(&answer.json()).to_owned()
}

#[test]
fn registration_stores_an_encrypted_copy_beside_the_digest() {
    let server = sealing(&[(1, 'a')]);
    let client = register(&server, &json!({}));
    let stored = record(&server, &client);
    let sealed = stored["secrets"][0]["sealed"].as_str().unwrap();
    assert_eq!(sealed.len(), "1.".len() + 152);
    assert_eq!(stored["secrets"][0]["sha256"].as_str().unwrap().len(), 43);
    assert!(!stored.to_string().contains(secret(&client)));
    assert_eq!(server.store.operations(), (0, 1));
    assert_eq!(secrets(&server, &client), [secret(&client)]);
    let public = register(&server, &json!({"token_endpoint_auth_method": "none"}));
    assert_eq!(record(&server, &public)["secrets"], json!([]));
    assert_eq!(secrets(&server, &public), [""; 0]);
}

/// RFC 7592 §3, OpenID Connect Dynamic Client Registration 1.0 §4.3.
#[test]
fn reads_and_updates_return_the_secret_only_with_a_key() {
    for (vars, is_sealed) in
        [(json!({"SEALING_KEY": ring(&[(1, 'a')])}), true), (without_key(), false)]
    {
        let server = with(&vars);
        let client = register(&server, &json!({}));
        let expected = is_sealed.then(|| client["client_secret"].clone());
        let read = server.read_back(&client);
        assert_eq!(read.json().get("client_secret"), expected.as_ref());
        assert_eq!(read.header("cache-control"), Some("no-store"));
        let updated = server.update(&client, &rollcall_support::registering::client(&json!({})));
        assert_eq!(
            (updated.status(), updated.json().get("client_secret")),
            (200, expected.as_ref())
        );
        server.store.pass(2_000);
        let rotated = rotate(&server, &client, false);
        let call = Call::of("GET", &client);
        let call = call.header("if-none-match", updated.header("etag").unwrap());
        let read = server.send(call);
        if is_sealed {
            assert_eq!(secret(&read.json()), rotated, "another state of the registration");
        } else {
            assert_eq!(read.status(), 304);
        }
        let public = register(&server, &json!({"token_endpoint_auth_method": "none"}));
        assert_eq!(server.read_back(&public).json().get("client_secret"), None);
    }
}

#[test]
fn read_with_rotated_token_returns_the_secret() {
    let registration = json!({"registration_access_token_rotation": "always"});
    let vars = json!({"SEALING_KEY": ring(&[(1, 'a')]), "REGISTRATION": registration});
    let server = with(&vars);
    let client = register(&server, &json!({}));
    let read = server.read_back(&client).json();
    assert_ne!(read["registration_access_token"], client["registration_access_token"]);
    assert_eq!(read["client_secret"], client["client_secret"]);
}

#[test]
fn secrets_need_a_permission_of_their_own() {
    let server = sealing(&[(1, 'a')]);
    let client = register(&server, &json!({}));
    let post = |call: Call, include: &Value| {
        let body = json!({"client_id": client["client_id"], "include": include});
        call.header("content-type", "application/json").body(body.to_string())
    };
    let to = |path: &str| path.to_owned();
    let get = path(&client);
    for (token, bound, status) in [
        (Some(AS_TOKEN), 0, 403),
        (Some(SECRETS_TOKEN), 0, 200),
        (Some(ADMIN_TOKEN), 0, 401),
        (None, 0, 401),
        (None, 1, 403),
        (None, 2, 200),
        (Some(AS_TOKEN), 1, 403),
        (Some(SECRETS_TOKEN), 1, 200),
    ] {
        for call in [
            Call::new("GET", &to(&get)),
            post(Call::new("POST", "/as/clients/look-up"), &"client_secret".into()),
        ] {
            let call = match bound {
                0 => call,
                1 => call.bound(),
                _ => call.bound_with_secrets(),
            };
            let call = match token {
                Some(token) => call.header("authorization", &format!("Bearer {token}")),
                None => call,
            };
            let answer = server.send(call);
            assert_eq!(answer.status(), status, "{token:?} {bound}");
            let text = answer.0.body.clone().unwrap();
            assert_eq!(text.contains(secret(&client)), status == 200);
            if status == 403 {
                assert_eq!(answer.refusal_off_browsers(), (403, "access_denied".into()));
                assert!(answer.0.is_audited(), "an attempt is an event for the webhook");
            }
        }
    }
    // The token for secrets is one of the authorization server's.
    let plain = server.send(bearer("GET", &format!("/as/clients/{}", id(&client)), SECRETS_TOKEN));
    assert_eq!((plain.status(), plain.json().get("client_secrets")), (200, None));
    for wrong in ["client_secrets", "", "registration_access_token"] {
        let call =
            bearer("GET", &format!("/as/clients/{}?include={wrong}", id(&client)), SECRETS_TOKEN);
        assert_eq!(server.send(call).status(), 400, "{wrong}");
        let call = post(bearer("POST", "/as/clients/look-up", SECRETS_TOKEN), &wrong.into());
        assert_eq!(server.send(call).status(), 400, "{wrong}");
    }
    let only = with(&json!({"SEALING_KEY": ring(&[(1, 'a')]), "AS_TOKEN": null}));
    let client = register(&only, &json!({}));
    assert_eq!(secrets(&only, &client), [secret(&client)], "AS_TOKEN is not needed beside it");
}

#[test]
fn secret_read_has_an_event_and_is_never_stored_by_caches() {
    let server = sealing(&[(1, 'a')]);
    let client = register(&server, &json!({}));
    let answer =
        server.send(bearer("GET", &path(&client), SECRETS_TOKEN).header("if-none-match", "*"));
    assert_eq!((answer.status(), answer.header("etag")), (200, None));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let event = &answer.0.event;
    assert_eq!((event.action, event.name), ("look_up", Some("client.secret_read")));
    assert_eq!(event.client_id.as_deref(), Some(id(&client)));
    assert!(answer.0.is_audited() && !format!("{event:?}").contains(secret(&client)));
    // Nothing was read of a client without secrets, nor of a disabled one.
    let public = register(&server, &json!({"token_endpoint_auth_method": "none"}));
    assert_eq!(ask(&server, &public).0.event.name, None);
    change_state(&server, &client, "disable");
    server.store.pass(2_000);
    let answer = ask(&server, &client);
    assert_eq!((answer.json()["client_secrets"].clone(), answer.0.event.name), (json!([]), None));
    assert_eq!(look_up(&server, &public).0.event.name, None);
}

#[test]
fn look_up_of_secrets_does_not_use_the_cache_of_the_location() {
    let vars = json!({"SEALING_KEY": ring(&[(1, 'a')]), "AS": {"cache_ttl": 3600}});
    let server = with(&vars);
    let client = register(&server, &json!({}));
    assert_eq!(look_up(&server, &client).status(), 200);
    server.store.pass(120_000);
    let newest = rotate(&server, &client, false);
    server.store.pass(120_000);
    assert_eq!(secrets(&server, &client), [newest]);
}

/// OpenID Connect Core 1.0 §9 and §10.1.
#[test]
fn methods_and_algorithms_with_the_secret_are_registered_only_with_a_key() {
    let jwt = "client_secret_jwt";
    let method = "token_endpoint_auth_method";
    let alg = "token_endpoint_auth_signing_alg";
    let (id_token, userinfo) = ("id_token_signed_response_alg", "userinfo_signed_response_alg");
    let keys = profiles::keys();
    // What is sent, what is wrong with it with a key, and without one.
    for (sent, with_key, without) in [
        (json!({method: jwt}), None, Some((method, "unsupported"))),
        (json!({method: jwt, alg: "HS512"}), None, Some((method, "unsupported"))),
        (
            json!({method: jwt, alg: "RS256"}),
            Some((alg, "algorithm_auth_method")),
            Some((method, "unsupported")),
        ),
        (
            json!({method: jwt, alg: "ES512"}),
            Some((alg, "unsupported")),
            Some((method, "unsupported")),
        ),
        (
            json!({method: "private_key_jwt", "jwks_uri": "https://app.example/jwks", alg: "HS256"}),
            Some((alg, "algorithm_auth_method")),
            Some((alg, "algorithm_shared_key")),
        ),
        (json!({id_token: "HS256"}), None, Some((id_token, "algorithm_shared_key"))),
        (
            json!({id_token: "HS384", method: "client_secret_post"}),
            None,
            Some((id_token, "algorithm_shared_key")),
        ),
        (json!({userinfo: "HS512"}), None, Some((userinfo, "algorithm_shared_key"))),
        (
            json!({"request_object_signing_alg": "HS256"}),
            None,
            Some(("request_object_signing_alg", "algorithm_shared_key")),
        ),
        (
            json!({id_token: "HS256", method: "none"}),
            Some((id_token, "algorithm_auth_method")),
            Some((id_token, "algorithm_shared_key")),
        ),
        (
            json!({id_token: "HS256", method: "private_key_jwt", "jwks": keys}),
            Some((id_token, "algorithm_auth_method")),
            Some((id_token, "algorithm_shared_key")),
        ),
        (
            json!({"backchannel_authentication_request_signing_alg": "HS256"}),
            Some(("backchannel_authentication_request_signing_alg", "unsupported")),
            Some(("backchannel_authentication_request_signing_alg", "algorithm_shared_key")),
        ),
        (
            json!({"id_token_encrypted_response_alg": "dir"}),
            Some(("id_token_encrypted_response_alg", "algorithm_shared_key")),
            Some(("id_token_encrypted_response_alg", "algorithm_shared_key")),
        ),
        // A method that signs nothing: the member is kept, as ever.
        (json!({method: "client_secret_basic", alg: "HS256"}), None, None),
    ] {
        for (server, wrong) in [(sealing(&[(1, 'a')]), with_key), (with(&without_key()), without)] {
            let answer = server.register(&client(&sent));
            match wrong {
                None => {
                    let registered = answer.created();
                    for (name, value) in sent.as_object().unwrap() {
                        assert_eq!(&registered[name], value, "{sent}");
                    }
                    assert!(registered["client_secret"].is_string(), "{sent}");
                }
                Some((member, rule)) => {
                    let expected = [(format!("/{member}"), rule.to_owned())];
                    assert_eq!(answer.problems(), expected, "{sent}");
                }
            }
        }
    }
    // A list that the server does not publish offers nothing of the kind.
    let mut unlisted = metadata();
    unlisted.as_object_mut().unwrap().remove("userinfo_signing_alg_values_supported");
    let server = with(&json!({"SEALING_KEY": ring(&[(1, 'a')]), "METADATA": unlisted}));
    let answer = server.register(&client(&json!({userinfo: "HS256"})));
    assert_eq!(answer.problems(), [(format!("/{userinfo}"), "unsupported".to_owned())]);
}

/// OpenID Connect Relying Party Metadata Choices 1.0.
#[test]
fn choices_and_defaults_prefer_public_keys_where_the_secret_is_not_needed() {
    let methods = "token_endpoint_auth_methods_supported";
    let algs = "token_endpoint_auth_signing_alg_values_supported";
    let server = sealing(&[(1, 'a')]);
    for (sent, member, chosen) in [
        (
            json!({"id_token_signing_alg_values_supported": ["HS256", "ES256"]}),
            "id_token_signed_response_alg",
            "ES256",
        ),
        (
            json!({"id_token_signing_alg_values_supported": ["HS256"]}),
            "id_token_signed_response_alg",
            "HS256",
        ),
        (
            json!({methods: ["client_secret_jwt"], algs: ["RS256", "HS256"]}),
            "token_endpoint_auth_signing_alg",
            "HS256",
        ),
        (
            json!({methods: ["private_key_jwt"], algs: ["HS256", "RS256"], "jwks": profiles::keys()}),
            "token_endpoint_auth_signing_alg",
            "RS256",
        ),
    ] {
        let registered = server.register(&client(&sent)).created();
        assert_eq!(registered[member], chosen, "{sent}");
    }
    let mut only = metadata();
    only["id_token_signing_alg_values_supported"] = json!(["HS256"]);
    only["scopes_supported"] = json!(["profile"]);
    let server = with(&json!({"SEALING_KEY": ring(&[(1, 'a')]), "METADATA": only}));
    let member = "id_token_signed_response_alg";
    assert_eq!(register(&server, &json!({}))[member], "HS256");
    let public = register(&server, &json!({"token_endpoint_auth_method": "none"}));
    assert_eq!(public.get(member), None);
}

#[test]
fn discovery_offers_client_secret_jwt_with_a_key_and_hosted_documents_never_do() {
    let methods = "token_endpoint_auth_methods_supported";
    let document = "/.well-known/oauth-authorization-server";
    let server = sealing(&[(1, 'a')]);
    let listed = server.get(document).json();
    assert!(listed[methods].as_array().unwrap().contains(&"client_secret_jwt".into()));
    let hosting = json!({"client_id": "url"});
    let server = with(&json!({"SEALING_KEY": ring(&[(1, 'a')]), "REGISTRATION": hosting}));
    assert_eq!(server.get(document).json()[methods], json!(["none", "private_key_jwt"]));
    let answer =
        server.register(&client(&json!({"token_endpoint_auth_method": "client_secret_jwt"})));
    let place = "/token_endpoint_auth_method".to_owned();
    assert_eq!(answer.problems(), [(place, "hosted_auth_method".to_owned())]);
    let answer = server.register(&client(&json!({"id_token_signed_response_alg": "HS256"})));
    let place = "/id_token_signed_response_alg".to_owned();
    assert_eq!(answer.problems(), [(place, "algorithm_auth_method".to_owned())]);
}

/// A write of a client.
type Write<'w> = &'w dyn Fn(&Server, &Value);

#[test]
fn old_key_opens_and_the_next_write_encrypts_with_the_new_one() {
    let writes: [Write<'_>; 3] = [
        &|server, client| {
            let updated = server.update(client, &rollcall_support::registering::client(&json!({})));
            assert_eq!(updated.json()["client_secret"], client["client_secret"]);
        },
        &|server, client| {
            assert_eq!(change_state(server, client, "disable").status(), 204);
            server.store.pass(2_000);
            assert_eq!(change_state(server, client, "enable").status(), 204);
        },
        &|server, client| {
            rotate(server, client, true);
        },
    ];
    for write in writes {
        let server = sealing(&[(1, 'a')]);
        let client = register(&server, &json!({}));
        let server = again(server, &json!({"SEALING_KEY": ring(&[(2, 'b'), (1, 'a')])}));
        assert_eq!(secrets(&server, &client), [secret(&client)]);
        assert_eq!(key_number(&server, &client), "1", "a look-up writes nothing");
        write(&server, &client);
        server.store.pass(2_000);
        assert_eq!(key_number(&server, &client), "2");
        let server = again(server, &json!({"SEALING_KEY": ring(&[(2, 'b')])}));
        assert!(secrets(&server, &client).contains(&secret(&client).to_owned()));
    }
}

#[test]
fn recorded_use_encrypts_with_the_new_key() {
    let recording = json!({"record_uses": true});
    let server = with(&json!({"SEALING_KEY": ring(&[(1, 'a')]), "REGISTRATION": recording}));
    let client = register(&server, &json!({}));
    let ring = ring(&[(2, 'b'), (1, 'a')]);
    let server = again(server, &json!({"SEALING_KEY": ring, "REGISTRATION": recording}));
    assert_eq!(look_up(&server, &client).status(), 200);
    assert_eq!(key_number(&server, &client), "2");
}

#[test]
fn lost_key_loses_only_the_encrypted_copies() {
    for (vars, is_noted) in [
        (json!({"SEALING_KEY": ring(&[(1, 'z')])}), true),
        (json!({"SEALING_KEY": ring(&[(2, 'z')])}), true),
        (without_key(), false),
    ] {
        let server = sealing(&[(1, 'a')]);
        let client = register(&server, &json!({}));
        let jwt = register(&server, &json!({"token_endpoint_auth_method": "client_secret_jwt"}));
        let before = record(&server, &client)["secrets"].clone();
        let server = again(server, &vars);
        assert_eq!(authenticate(&server, &client, secret(&client)).status(), 200);
        let answer = ask(&server, &client);
        assert_eq!((answer.status(), &answer.json()["client_secrets"]), (200, &json!([])));
        assert_eq!((answer.0.event.name, answer.0.event.detail.is_some()), (None, is_noted));
        let read = server.read_back(&client);
        assert_eq!((read.status(), read.json().get("client_secret")), (200, None));
        assert_eq!(read.0.event.detail.is_some(), is_noted);
        let updated = server.update(&client, &rollcall_support::registering::client(&json!({})));
        assert_eq!(updated.status(), 200);
        server.store.pass(2_000);
        assert_eq!(record(&server, &client)["secrets"], before, "the key may come back");
        // A new secret is sealed with the keys that there are.
        let newest = rotate(&server, &client, false);
        let opened = if is_noted { vec![newest] } else { Vec::new() };
        assert_eq!(secrets(&server, &client), opened);
        let unsupported = [("/token_endpoint_auth_method".to_owned(), "unsupported".to_owned())];
        let answer = server.update(&jwt, &rollcall_support::registering::client(&json!({})));
        if is_noted {
            assert_eq!(answer.status(), 200);
        } else {
            assert_eq!(answer.problems(), unsupported);
        }
        assert_eq!(authenticate(&server, &jwt, secret(&jwt)).status(), 200, "its digest is there");
    }
}

#[test]
fn every_secret_that_works_is_returned_the_newest_first() {
    let registration = json!({"client_secret_lifetime": 86_400});
    let vars = json!({"SEALING_KEY": ring(&[(1, 'a')]), "REGISTRATION": registration});
    let server = with(&vars);
    let client = register(&server, &json!({}));
    server.store.pass(60_000_000);
    let newest = rotate(&server, &client, true);
    assert_eq!(secrets(&server, &client), [newest.as_str(), secret(&client)]);
    let json = ask(&server, &client).json();
    let ends: Vec<_> = json["client_secrets"].as_array().unwrap().iter().collect();
    assert_eq!(ends[1]["client_secret_expires_at"], client["client_secret_expires_at"]);
    assert_eq!(ends[0]["client_secret_expires_at"], json["metadata"]["client_secret_expires_at"]);
    assert_eq!(secret(&server.read_back(&client).json()), newest);
    server.store.pass(30_000_000);
    assert_eq!(secrets(&server, &client), [newest], "the former one has expired");
}

#[test]
fn copy_opens_only_in_its_record_and_with_its_digest() {
    let server = sealing(&[(1, 'a')]);
    let (first, second) = (register(&server, &json!({})), register(&server, &json!({})));
    let (own, other) = (record(&server, &first), record(&server, &second));
    let sealed = own["secrets"][0]["sealed"].as_str().unwrap();
    let mut tampered = sealed.to_owned();
    tampered.replace_range(40..41, if &sealed[40..41] == "A" { "B" } else { "A" });
    for (name, value) in [
        ("sealed", other["secrets"][0]["sealed"].clone()),
        ("sealed", tampered.into()),
        ("sealed", sealed.replacen("1.", "x.", 1).into()),
        ("sealed", "1.".into()),
        ("sha256", other["secrets"][0]["sha256"].clone()),
    ] {
        let mut wrong = own.clone();
        wrong["secrets"][0][name] = value;
        plant(&server, &first, &wrong);
        assert_eq!(secrets(&server, &first), [""; 0], "{name}");
    }
    plant(&server, &first, &own);
    assert_eq!(secrets(&server, &first), [secret(&first)]);
}

#[test]
fn client_from_before_the_key_gets_a_sealed_secret_once_it_is_needed() {
    let method = json!({"token_endpoint_auth_method": "client_secret_jwt"});
    for by_operator in [false, true] {
        let server = with(&without_key());
        let client = register(&server, &json!({}));
        let server = again(server, &json!({"SEALING_KEY": ring(&[(1, 'a')])}));
        assert_eq!(server.read_back(&client).json().get("client_secret"), None);
        assert_eq!(secrets(&server, &client), [""; 0]);
        let same = server.update(&client, &rollcall_support::registering::client(&json!({})));
        assert_eq!(same.json().get("client_secret"), None, "it has its secret");
        server.store.pass(2_000);
        let changed = if by_operator {
            let body = json!({"metadata": method}).to_string();
            let call = operator("PATCH", &format!("/{}", id(&client)));
            server.send(call.header("content-type", "application/json").body(body)).json()
        } else {
            server.update(&client, &rollcall_support::registering::client(&method)).json()
        };
        server.store.pass(2_000);
        assert_ne!(secret(&changed), secret(&client));
        assert_eq!(secrets(&server, &client), [secret(&changed)]);
        for works in [secret(&changed), secret(&client)] {
            assert_eq!(authenticate(&server, &client, works).status(), 200);
        }
    }
}

#[test]
fn record_has_the_latest_schema_version_only_if_its_client_needs_the_copy() {
    let server = sealing(&[(1, 'a')]);
    for (members, version) in [
        (json!({}), 3),
        (json!({"token_endpoint_auth_method": "client_secret_jwt"}), 4),
        (json!({"id_token_signed_response_alg": "HS512"}), 4),
        (json!({"token_endpoint_auth_method": "none"}), 3),
    ] {
        let client = register(&server, &members);
        assert_eq!(record(&server, &client)["v"], version, "{members}");
    }
}

#[test]
fn export_has_secrets_in_sealed_form_and_import_needs_their_key() {
    let server = sealing(&[(1, 'a')]);
    let client = register(&server, &json!({}));
    let lines = server.send(operator("GET", "/export")).0.body.clone().unwrap();
    assert!(lines.contains("\"sealed\":\"1.") && !lines.contains(secret(&client)));
    for (keys, opened, number) in [
        (vec![(1, 'a')], true, "1"),
        (vec![(2, 'b'), (1, 'a')], true, "2"),
        // The key of the other deployment under a number that is free here.
        (vec![(1, 'b'), (9, 'a')], true, "1"),
        (vec![(1, 'b')], false, "1"),
        (vec![], false, "1"),
    ] {
        let target = if keys.is_empty() { with(&without_key()) } else { sealing(&keys) };
        let imported = import(&target, &lines).json();
        assert_eq!(imported["imported"], 1, "{imported}");
        let warned = imported["warnings"][0]["rule"] == "sealed_secret";
        assert_eq!(warned, !opened, "{keys:?}");
        target.store.pass(2_000);
        assert_eq!(key_number(&target, &client), number);
        let expected = if opened { vec![secret(&client).to_owned()] } else { Vec::new() };
        assert_eq!(secrets(&target, &client), expected, "{keys:?}");
        assert_eq!(authenticate(&target, &client, secret(&client)).status(), 200);
        if opened {
            let newest = again(target, &json!({"SEALING_KEY": ring(&keys[..1])}));
            assert_eq!(secrets(&newest, &client), expected, "encrypted again");
        }
    }
    let wrong = lines.replace("\"sealed\":\"1.", "\"sealed\":\"1.AAAA");
    let refused = import(&sealing(&[(1, 'a')]), &wrong).json();
    assert_eq!(refused["refused"][0]["rule"], "sealed_secret");
}

#[test]
fn import_of_a_client_that_computes_with_its_secret_needs_a_key() {
    let server = sealing(&[(1, 'a')]);
    for members in [
        json!({"token_endpoint_auth_method": "client_secret_jwt"}),
        json!({"id_token_signed_response_alg": "HS256"}),
    ] {
        register(&server, &members);
    }
    let lines = server.send(operator("GET", "/export")).0.body.clone().unwrap();
    assert_eq!(import(&sealing(&[(1, 'a')]), &lines).json()["imported"], 2);
    let refused = import(&with(&without_key()), &lines).json();
    assert_eq!(
        (&refused["imported"], refused["refused"].as_array().unwrap().len()),
        (&json!(0), 2)
    );
    // A server with a key that does not offer it now takes the clients with a warning.
    let other = json!({"SEALING_KEY": ring(&[(1, 'a')]), "METADATA": profiles::everything()});
    let imported = import(&with(&other), &lines).json();
    assert_eq!(
        (&imported["imported"], &imported["warnings"][0]["rule"]),
        (&json!(2), &json!("not_offered"))
    );
}

#[test]
fn idempotent_repeat_returns_the_secret_that_is_sealed() {
    let vars = json!({"SEALING_KEY": ring(&[(1, 'a')]), "ID_KEY": ring(&[(1, 'k')])});
    let server = with(&vars);
    let call = || {
        let call = Call::register(client(&json!({})).to_string());
        call.header("idempotency-key", "8e03978e-40d5-43e8-bc93-6894a57f9324")
    };
    let first = server.send(call()).created();
    server.store.pass(2_000);
    assert_eq!(server.send(call()).created(), first);
    assert_eq!(secrets(&server, &first), [secret(&first)]);
}

#[test]
fn operator_created_client_has_a_sealed_secret() {
    let server = sealing(&[(1, 'a')]);
    let members = json!({"token_endpoint_auth_method": "client_secret_jwt"});
    let created = operator_post(&server, "", &json!({"metadata": client(&members)})).created();
    assert_eq!(secrets(&server, &created), [secret(&created)]);
}

#[test]
fn dry_run_encrypts_nothing() {
    let server = sealing(&[(1, 'a')]);
    let call = Call::new("POST", "/reg?dry_run=true").header("content-type", "application/json");
    let members = json!({"token_endpoint_auth_method": "client_secret_jwt"});
    server.crypto_fails.set(true);
    let answer = server.send(call.body(client(&members).to_string()));
    assert_eq!((answer.status(), answer.json().get("client_secret")), (200, None));
}

#[test]
fn registration_fails_and_stores_nothing_if_web_crypto_fails() {
    let server = sealing(&[(1, 'a')]);
    let kept = registered(&server);
    server.crypto_fails.set(true);
    let answer = server.register(&client(&json!({})));
    assert_eq!(answer.refusal(), (500, "server_error".into()));
    assert!(answer.0.event.detail.unwrap().contains("Web Crypto"));
    assert_eq!(server.store.operations().1, 1);
    assert_eq!(ask(&server, &kept).status(), 500);
    assert_eq!(look_up(&server, &kept).status(), 200);
}

#[test]
fn configuration_names_what_is_wrong_with_the_secrets() {
    let same = "the same token of the authorization server";
    for (vars, expected) in [
        (json!({"SEALING_KEY": "1:AAAA"}), "SEALING_KEY must be one to four keys like 1:KEY"),
        (
            json!({"SEALING_KEY": "A".repeat(43)}),
            "and each KEY 32 bytes as 43 base64url characters",
        ),
        (
            json!({"AS_SECRETS_TOKEN": "short"}),
            "AS_SECRETS_TOKEN must be a string of at least 32 bytes",
        ),
        (
            json!({"AS_SECRETS_TOKEN": same, "AS_TOKEN": same}),
            "AS_SECRETS_TOKEN and AS_TOKEN must be different",
        ),
        (
            json!({"METADATA": metadata()}),
            "must be a list without it, unless the secret SEALING_KEY is set",
        ),
    ] {
        let errors = Config::parse(settings(&vars)).unwrap_err().to_string();
        assert!(errors.contains(expected), "{errors}");
        assert!(!errors.contains(same) && !errors.contains("AAAA"), "{errors}");
    }
}

/// One step of a deployment's life.
#[derive(Debug, Clone)]
enum Step {
    Register(usize, bool),
    Update(usize),
    Rotate(usize, bool),
    Read(usize),
    Ask(usize),
    Disable(usize),
    Import,
    ChangeKeys(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = 0..4_usize;
    let step = prop_oneof![
        (at.clone(), any::<bool>()).prop_map(|(kind, again)| Step::Register(kind, again)),
        at.clone().prop_map(Step::Update),
        (at.clone(), any::<bool>()).prop_map(|(at, keep)| Step::Rotate(at, keep)),
        at.clone().prop_map(Step::Read),
        at.clone().prop_map(Step::Ask),
        at.clone().prop_map(Step::Disable),
        Just(Step::Import),
        at.prop_map(Step::ChangeKeys),
    ];
    prop::collection::vec(step, 4..24)
}

/// Everything that a deployment keeps or sends to others than the client and an authorization server with the permission.
struct Seen(Vec<String>);

impl Seen {
    fn answer(&mut self, answer: &Answer) {
        self.0.push(format!("{:?}", answer.0));
    }

    fn deployment(&mut self, server: &Server) {
        self.0.extend(server.store.records().into_iter().map(|(key, value)| key + &value));
        for book in server.books.borrow().values() {
            self.0.push(format!("{:?}{:?}{:?}", book.0, book.1, book.2));
        }
        for path in ["", "/export"] {
            self.0.push(server.send(operator("GET", path)).0.body.clone().unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn plain_secret_is_in_no_store_event_list_or_export(steps in steps()) {
        let kinds = [
            json!({}),
            json!({"token_endpoint_auth_method": "client_secret_jwt"}),
            json!({"id_token_signed_response_alg": "HS256"}),
            json!({"token_endpoint_auth_method": "none"}),
        ];
        let rings = [
            ring(&[(1, 'a')]), ring(&[(2, 'b'), (1, 'a')]), ring(&[(3, 'c')]), ring(&[(1, 'a'), (2, 'b'), (3, 'c')]),
        ];
        let vars = |keys: &str| json!({"SEALING_KEY": keys, "ID_KEY": ring(&[(1, 'k')])});
        let mut server = with(&vars(&rings[0]));
        let (mut clients, mut plain, mut seen) = (Vec::<Value>::new(), Vec::new(), Seen(Vec::new()));
        for (number, step) in steps.iter().enumerate() {
            server.store.pass(2_000);
            let pick = |at: usize| (!clients.is_empty()).then(|| clients[at % clients.len()].clone());
            let answer = match step {
                Step::Register(kind, is_repeatable) => {
                    let mut call = Call::register(client(&kinds[*kind]).to_string());
                    if *is_repeatable {
                        call = call.header("idempotency-key", &format!("a key of 22 characters{number}").replace(' ', "-"));
                    }
                    let answer = server.send(call);
                    clients.push(answer.json());
                    Some(answer)
                }
                Step::Update(at) => pick(*at).map(|one| server.update(&one, &client(&kinds[*at]))),
                Step::Rotate(at, keep) => pick(*at).map(|one| {
                    let body = json!({"credential": "client_secret", "keep_former": keep});
                    operator_post(&server, &format!("/{}/rotate", id(&one)), &body)
                }),
                Step::Read(at) => pick(*at).map(|one| server.read_back(&one)),
                Step::Ask(at) => pick(*at).map(|one| ask(&server, &one)),
                Step::Disable(at) => pick(*at).map(|one| change_state(&server, &one, if at % 2 == 0 { "disable" } else { "enable" })),
                Step::Import => {
                    let lines = server.send(operator("GET", "/export")).0.body.clone().unwrap();
                    let target = with(&vars(&rings[number % 4]));
                    let answer = import(&target, &lines);
                    seen.deployment(&target);
                    Some(answer)
                }
                Step::ChangeKeys(at) => {
                    server = again(server, &vars(&rings[*at]));
                    None
                }
            };
            if let Some(answer) = answer {
                seen.answer(&answer);
                if answer.status() != 204 {
                    let json = answer.json();
                    plain.extend(json["client_secret"].as_str().map(str::to_owned));
                    let asked = json["client_secrets"].as_array().into_iter().flatten();
                    plain.extend(asked.map(|one| one["client_secret"].as_str().unwrap().to_owned()));
                }
            }
            seen.deployment(&server);
        }
        for text in &seen.0 {
            for secret in &plain {
                prop_assert!(!text.contains(secret.as_str()), "{text}");
            }
        }
    }
}
