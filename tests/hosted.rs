//! Clients whose `client_id` is the URL of their own metadata document, and these documents.

use std::collections::BTreeSet;

use crate::members::{client_members, good, request_for};
use rollcall::client::hosted::{LONGEST, omission, omission_of};
use rollcall::client::metadata_document::{read_client_url, read_document};
use rollcall::client::table::{Default, Kind, MEMBERS, Member};
use rollcall::client::{DocumentProfile, Problems};
use rollcall::issuer::{Config, Settings};
use rollcall::vocabulary::{ClientUrl, ClientUrlRules};
use rollcall_support::apis::{bearer, id, import, operator, server_post};
use rollcall_support::kv::Fault;
use rollcall_support::pages::hold_table;
use rollcall_support::{
    AS_TOKEN, Answer, Call, Names, ORIGIN, Server, path_of, profiles, settings,
};
use serde_json::{Value, json};

const DOCS: &str = "https://docs.example";

/// A server whose clients have documents, with these other settings.
fn hosting(vars: &Value) -> Server {
    let mut all = json!({"REGISTRATION": {"client_id": "url"}});
    for (name, value) in vars.as_object().unwrap() {
        match (all.get_mut(name).and_then(Value::as_object_mut), value.as_object()) {
            (Some(table), Some(more)) => table.extend(more.clone()),
            _ => all[name] = value.clone(),
        }
    }
    Server::configured(settings(&all))
}

fn client() -> Value {
    json!({"client_name": "App", "redirect_uris": ["https://app.example/cb"]})
}

/// Registers a client two seconds ago.
fn registered(server: &Server, metadata: &Value) -> Value {
    let client = server.register(metadata).created();
    server.store.pass(2_000);
    client
}

/// The short identifier of a client.
fn short(client: &Value) -> &str {
    path_of(client).strip_prefix("/reg/").unwrap()
}

/// The response at the document's own URL.
fn fetch(server: &Server, url: &str) -> Answer {
    server.send(call(url))
}

fn call(url: &str) -> Call {
    let slash = url.match_indices('/').nth(2).unwrap().0;
    let (origin, path) = url.split_at(slash);
    Call::new("GET", path).origin(origin)
}

fn look_up(server: &Server, client_id: &str) -> Answer {
    server_post(server, "/as/clients/look-up", &json!({"client_id": client_id}))
}

fn error(vars: &Value) -> String {
    Config::parse(settings(vars)).unwrap_err().to_string()
}

#[test]
fn client_id_is_the_url_of_the_document_and_management_stays_at_the_identifier() {
    let server = hosting(&json!({}));
    let client = registered(&server, &client());
    assert_eq!(id(&client), format!("{ORIGIN}/clients/{}", short(&client)));
    assert_eq!(short(&client).len(), 22);
    assert_eq!(client["token_endpoint_auth_method"], "none");
    assert_eq!(client.get("client_secret"), None);
    assert_eq!(client.get("missing_for_mcp"), None);
    assert_eq!(server.read_back(&client).json()["client_id"], client["client_id"]);

    let metadata = json!({"client_name": "New", "redirect_uris": ["https://app.example/2"]});
    let updated = server.update(&client, &metadata);
    assert_eq!((updated.status(), &updated.json()["client_id"]), (200, &client["client_id"]));
    let mut with_short = metadata.clone();
    with_short["client_id"] = short(&client).into();
    let problem = ("/client_id".to_owned(), "client_id".to_owned());
    assert_eq!(server.update(&client, &with_short).problems(), [problem]);
    server.store.pass(2_000);
    assert_eq!(fetch(&server, id(&client)).json()["client_name"], "New");
    assert_eq!(server.delete(&client).status(), 204);

    // By default nothing is different, and there is no document.
    let other = Server::new();
    let client = registered(&other, &json!({"redirect_uris": ["https://app.example/cb"]}));
    assert_eq!((id(&client), client.get("client_secret").is_some()), (short(&client), true));
    let reads = other.store.operations().0;
    assert_eq!(other.get(&format!("/clients/{}", id(&client))).status(), 404);
    assert_eq!(other.store.operations().0, reads);
}

#[test]
fn document_has_what_is_registered_and_its_url_and_costs_one_read() {
    let server = hosting(&json!({"DISCOVERY": {"max_age": 60}}));
    let metadata = json!({
        "client_name": "App",
        "client_name#de": "Programm",
        "redirect_uris": ["http://127.0.0.1/cb", "https://app.example/cb?a=%2f"],
        "client_uri": "https://app.example",
        "logo_uri": "http://app.example/logo.png",
        "contacts": ["ops@app.example"],
        "scope": "openid",
    });
    let client = registered(&server, &metadata);
    let reads = server.store.operations();
    let document = fetch(&server, id(&client));
    assert_eq!(server.store.operations(), (reads.0 + 1, reads.1));
    assert_eq!(document.status(), 200);
    assert_eq!(
        document.json(),
        json!({
            "client_id": client["client_id"],
            "client_name": "App",
            "client_name#de": "Programm",
            "redirect_uris": ["http://127.0.0.1/cb", "https://app.example/cb?a=%2f"],
            "client_uri": "https://app.example",
            "scope": "openid",
            "grant_types": client["grant_types"],
            "response_types": ["code"],
            "application_type": "web",
            "token_endpoint_auth_method": "none",
            "subject_type": "public",
            "id_token_signed_response_alg": "RS256",
        })
    );
    assert_eq!(document.0.body.as_deref().unwrap().lines().count(), 1);
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "public, max-age=60"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(document.header(name), Some(value), "{name}");
    }
    assert_eq!(document.header("cloudflare-cdn-cache-control"), None);
    let tag = document.header("etag").unwrap();
    let again = server.send(call(id(&client)).header("if-none-match", tag));
    assert_eq!((again.status(), again.0.body.is_none()), (304, true));
    let head = server.send(Call::new("HEAD", &format!("/clients/{}", short(&client))));
    assert_eq!((head.status(), head.header("etag")), (200, Some(tag)));
    assert_eq!(document.0.event.client_id.as_deref(), Some(short(&client)));
    // Another state of the client has another tag.
    server.update(&client, &json!({"redirect_uris": ["https://app.example/2"]}));
    server.store.pass(2_000);
    let changed = server.send(call(id(&client)).header("if-none-match", tag));
    assert_eq!((changed.status(), &changed.json()["client_id"]), (200, &client["client_id"]));
}

#[test]
fn document_that_is_not_there_is_the_same_404_for_every_reason() {
    let server = hosting(&json!({}));
    let mut seen = BTreeSet::new();
    let mut ask = |server: &Server, url: &str| {
        let before = server.store.operations();
        let answer = fetch(server, url);
        let after = server.store.operations();
        assert_eq!(answer.refusal(), (404, "not_found".into()), "{url}");
        let headers: Vec<_> =
            answer.0.headers().map(|(name, value)| format!("{name}: {value}")).collect();
        seen.insert((answer.0.body.clone(), headers));
        (after.0 - before.0, after.1 - before.1)
    };
    let never = format!("{ORIGIN}/clients/wwwwwwwwwwwwwwwwwwwwww");
    assert_eq!(ask(&server, &never), (1, 0));

    let deleted = registered(&server, &client());
    assert_eq!(fetch(&server, id(&deleted)).status(), 200);
    server.delete(&deleted);
    server.store.pass(120_000);
    assert_eq!(ask(&server, id(&deleted)), (1, 0));

    let disabled = registered(&server, &client());
    server.send(operator("POST", &format!("/{}/disable", short(&disabled))));
    server.store.pass(120_000);
    assert_eq!(ask(&server, id(&disabled)), (1, 0));
    server.send(operator("POST", &format!("/{}/enable", short(&disabled))));
    server.store.pass(120_000);
    assert_eq!(fetch(&server, id(&disabled)).status(), 200);

    let waiting = hosting(&json!({"POLICY": {"approval": true}}));
    let pending = registered(&waiting, &client());
    assert_eq!(pending["status"], "pending");
    assert_eq!(ask(&waiting, id(&pending)), (1, 0));

    let short_lived = hosting(&json!({"POLICY": {"client_ttl": 3_600}}));
    let expired = registered(&short_lived, &client());
    assert_eq!(fetch(&short_lived, id(&expired)).status(), 200);
    short_lived.store.pass(3_600_000);
    assert_eq!(ask(&short_lived, id(&expired)), (1, 0));

    // Other URLs than the one in the document, by as little as a byte.
    let url = id(&disabled);
    for other in [format!("{url}/"), format!("{url}?"), format!("{url}?a"), format!("{url}%20")] {
        ask(&server, &other);
    }
    assert_eq!(seen.len(), 1, "{seen:?}");

    // A store that fails says nothing about the client.
    server.store.fail(vec![Fault::Error; 40]);
    assert_eq!(fetch(&server, url).refusal().0, 503);
}

#[test]
fn client_with_a_secret_is_rejected_and_discovery_offers_none() {
    const OAUTH: &str = "/.well-known/oauth-authorization-server";
    let methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    let mut metadata = rollcall_support::shipped_metadata();
    metadata["token_endpoint_auth_methods_supported"] = json!(methods);
    metadata["token_endpoint_auth_signing_alg_values_supported"] = json!(["ES256", "RS256"]);
    let server = hosting(&json!({"METADATA": metadata}));
    let offered = server.get(OAUTH).json();
    assert_eq!(
        offered["token_endpoint_auth_methods_supported"],
        json!(["private_key_jwt", "none"])
    );
    for method in
        ["client_secret_basic", "client_secret_post", "client_secret_jwt", "tls_client_auth"]
    {
        let mut request = client();
        request["token_endpoint_auth_method"] = method.into();
        request["client_name"] = json!(7);
        let rejected = server.register(&request);
        let problem = |at: &str, rule: &str| (at.to_owned(), rule.to_owned());
        let expected = [
            problem("/token_endpoint_auth_method", "hosted_auth_method"),
            problem("/client_name", "type"),
        ];
        assert_eq!((rejected.status(), rejected.problems()), (400, expected.to_vec()), "{method}");
    }
    let mut request = client();
    request["token_endpoint_auth_method"] = "self_signed".into();
    assert_eq!(server.register(&request).problems()[0].1, "unsupported");
    request["token_endpoint_auth_method"] = "private_key_jwt".into();
    assert_eq!(server.register(&request).problems()[0].1, "keys_required");
    request["jwks"] = profiles::keys();
    let confidential = registered(&server, &request);
    let document = fetch(&server, id(&confidential)).json();
    assert_eq!(document["token_endpoint_auth_method"], "private_key_jwt");
    assert_eq!(document["jwks"], profiles::keys());
    // A list of choices without a single value, as some libraries send it.
    let mut request = client();
    request["token_endpoint_auth_methods_supported"] = json!(["client_secret_post", "none"]);
    assert_eq!(registered(&server, &request)["token_endpoint_auth_method"], "none");

    // An update cannot change to a secret either, and one that says nothing keeps the method.
    let update = server.update(
        &confidential,
        &json!({"token_endpoint_auth_method": "client_secret_post", "redirect_uris": ["https://a.example"]}),
    );
    assert_eq!(update.problems()[0].1, "hosted_auth_method");
    let mut kept = client();
    kept["jwks"] = profiles::keys();
    let kept = server.update(&confidential, &kept).json();
    assert_eq!(kept["token_endpoint_auth_method"], "private_key_jwt");

    metadata["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic"]);
    let why = error(&json!({"METADATA": metadata, "REGISTRATION": {"client_id": "url"}}));
    assert!(why.contains("has neither none nor private_key_jwt"), "{why}");
}

#[test]
fn client_from_before_keeps_its_identifier_and_its_secret() {
    let before = Server::configured(settings(&json!({})));
    let secret = registered(&before, &client());
    let server = hosting(&json!({}));
    server.store.clock.set(before.store.clock.get());
    for (key, record) in before.store.records() {
        server.store.plant(&key, &record);
    }
    let mut metadata = client();
    metadata["token_endpoint_auth_method"] = "client_secret_basic".into();
    let updated = server.update(&secret, &metadata);
    assert_eq!((updated.status(), &updated.json()["client_id"]), (200, &secret["client_id"]));
    assert_eq!(server.get(&format!("/clients/{}", id(&secret))).status(), 404);

    // And the other way round: a URL stays a URL, and its document stays as long as there is a base.
    let hosted = registered(&server, &client());
    for (vars, status) in [(json!({"DOCUMENT_BASE": ORIGIN}), 200), (json!({}), 404)] {
        let after = Server::configured(settings(&vars));
        after.store.clock.set(server.store.clock.get());
        for (key, record) in server.store.records() {
            after.store.plant(&key, &record);
        }
        let read = after.read_back(&hosted).json();
        assert_eq!(read["client_id"], hosted["client_id"]);
        assert_eq!(fetch(&after, id(&hosted)).status(), status);
        assert_eq!(look_up(&after, id(&hosted)).status(), 200);
        let mut secret = client();
        secret["token_endpoint_auth_method"] = "client_secret_basic".into();
        assert_eq!(after.update(&hosted, &secret).problems()[0].1, "hosted_auth_method");
        assert_eq!(id(&registered(&after, &client())).len(), 22);
    }
}

#[test]
fn document_that_no_server_would_read_is_rejected_at_its_exact_length() {
    let server = hosting(&json!({}));
    let padded = |letters: usize| {
        let mut request = client();
        for part in 0..5 {
            let some = letters.saturating_sub(part * 1_000).min(1_000);
            request[format!("description#x-{part}")] = "d".repeat(some.max(1)).into();
        }
        request
    };
    let document = |client: &Value| {
        let body = fetch(&server, id(client)).0.body.unwrap();
        body.trim_end().len()
    };
    let some = document(&registered(&server, &padded(4_001)));
    let fitting = 4_001 + LONGEST - some;
    assert_eq!(document(&registered(&server, &padded(fitting))), LONGEST);
    let rejected = server.register(&padded(fitting + 1));
    assert_eq!(rejected.problems(), [(String::new(), "hosted_document_length".to_owned())]);
    let text = rejected.json()["error_description"].as_str().unwrap().to_owned();
    assert!(text.contains("5121 bytes"), "{text}");
    let small = registered(&server, &client());
    assert_eq!(
        server.update(&small, &padded(fitting + 1)).problems()[0].1,
        "hosted_document_length"
    );
    assert_eq!(Server::new().register(&padded(fitting + 1)).status(), 201);
}

#[test]
fn response_says_what_the_document_lacks_for_the_model_context_protocol() {
    let server = hosting(&json!({}));
    let unnamed = registered(&server, &json!({"redirect_uris": ["https://app.example/cb"]}));
    assert_eq!(unnamed["missing_for_mcp"], json!(["client_name"]));
    assert_eq!(server.read_back(&unnamed).json()["missing_for_mcp"], json!(["client_name"]));
    let mut metadata = rollcall_support::shipped_metadata();
    metadata["grant_types_supported"] = json!(["client_credentials"]);
    metadata["response_types_supported"] = json!([]);
    metadata["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]);
    metadata["token_endpoint_auth_signing_alg_values_supported"] = json!(["ES256"]);
    let service = hosting(&json!({"METADATA": metadata}));
    let request = json!({"client_name": "Service", "jwks": profiles::keys()});
    let client = registered(&service, &request);
    assert_eq!(client["missing_for_mcp"], json!(["redirect_uris"]));
    assert_eq!(client["token_endpoint_auth_method"], "private_key_jwt");
}

#[test]
fn dry_run_says_what_the_document_would_lack() {
    let unnamed = json!({"redirect_uris": ["https://app.example/cb"]});
    let dry_run = |server: &Server, metadata: &Value| {
        let call =
            Call::new("POST", "/reg?dry_run=true").header("content-type", "application/json");
        server.send(call.body(metadata.to_string())).json()
    };
    let server = hosting(&json!({"POLICY": {"approval": true}}));
    let tried = dry_run(&server, &unnamed);
    assert_eq!(
        (&tried["missing_for_mcp"], &tried["status"]),
        (&json!(["client_name"]), &json!("pending"))
    );
    assert_eq!(tried["redirect_uris"], unnamed["redirect_uris"]);
    assert_eq!(dry_run(&server, &client()).get("missing_for_mcp"), None);
    assert_eq!(dry_run(&Server::new(), &unnamed).get("missing_for_mcp"), None);
}

#[test]
fn every_member_is_in_the_document_or_has_a_reason_not_to_be() {
    let server = hosting(&json!({
        "METADATA": profiles::everything(),
        "REGISTRATION": {"extension_members": {"x_team": "text"}},
    }));
    let mut published = 0;
    for member in client_members() {
        let mut request = request_for(member);
        request["token_endpoint_auth_method"] = "none".into();
        request["x_team"] = "blue".into();
        request[member.name] = match member.kind {
            Kind::AuthMethod => json!("none"),
            Kind::Choices { of: "token_endpoint_auth_method" } => json!(["none"]),
            Kind::WebUri => json!("https://app.example/"),
            _ => good(member),
        };
        let client = registered(&server, &request);
        assert_eq!(client["x_team"], "blue");
        let document = fetch(&server, id(&client)).json();
        let shown = document.get(member.name);
        if let Some(reason) = omission(member) {
            assert_eq!(shown, None, "{}: {reason}", member.name);
        } else {
            published += 1;
            assert_eq!(shown, Some(&client[member.name]), "{}", member.name);
        }
        // A link that is not https, a flag that is off, and a member that only this deployment knows.
        let http = json!("http://app.example/");
        let off = match member.kind {
            Kind::WebUri => Some(http),
            Kind::Flag if member.default == Default::False => Some(json!(false)),
            _ => None,
        };
        if let Some(value) = off {
            request[member.name] = value.clone();
            let client = registered(&server, &request);
            assert_eq!(client[member.name], value, "{}", member.name);
            assert_eq!(
                fetch(&server, id(&client)).json().get(member.name),
                None,
                "{}",
                member.name
            );
        }
        assert_eq!(document.get("x_team"), None);
        let names: Vec<&String> = document.as_object().unwrap().keys().collect();
        let assigned = MEMBERS.iter().filter(|one| one.kind == Kind::ServerAssigned);
        let assigned = assigned.filter(|one| names.contains(&&one.name.to_owned()));
        assert_eq!(assigned.map(|one| one.name).collect::<Vec<_>>(), ["client_id"]);
    }
    assert_eq!(published, 66);
}

/// `UPDATE_DOCS=1 cargo test --test native` writes the table anew.
#[test]
fn page_lists_every_member_that_is_in_no_document_with_its_reason() {
    let quoted = |names: &[&str]| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let mut omitted: Vec<(&str, Vec<&str>)> = Vec::new();
    for member in MEMBERS {
        let Some(reason) = omission(member) else { continue };
        match omitted.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(member.name),
            None => omitted.push((reason, vec![member.name])),
        }
    }
    let mut rows: Vec<(String, &str)> =
        omitted.iter().map(|(reason, names)| (quoted(names), *reason)).collect();
    let of_kind = |kind: Kind| MEMBERS.iter().filter(move |one| one.kind == kind);
    // Members that are in some documents, by their value: those with this property have the reason of the first.
    let mut by_value = |label: &str, names: &[&str], value: &Value| {
        let reason = omission_of(names[0], value).unwrap();
        assert!(names.iter().all(|name| omission_of(name, value) == Some(reason)), "{names:?}");
        rows.push((format!("{}{label}", quoted(names)), reason));
    };
    let links: Vec<&str> = of_kind(Kind::WebUri).map(|one| one.name).collect();
    by_value(", if the link is not https", &links, &json!("http://app.example/"));
    let is_off = |one: &&Member| one.default == Default::False && omission(one).is_none();
    let flags: Vec<&str> = of_kind(Kind::Flag).filter(is_off).map(|one| one.name).collect();
    by_value(", if it is `false`, the default", &flags, &json!(false));
    let reason = omission_of("x_team", &json!("blue")).unwrap();
    rows.push(("[members of your own](members.md)".into(), reason));
    let rows: String = rows
        .iter()
        .map(|(names, reason)| format!("| {names} | {reason} |\n"))
        .collect::<Vec<_>>()
        .concat();
    hold_table("hosted-documents.md", "| Member | Reason |\n| --- | --- |\n", &rows);
}

/// What the verifier of documents says to `document` at `url`, where the server supports `metadata`.
fn verify(
    url: &str,
    document: &[u8],
    metadata: &Value,
    profile: DocumentProfile,
) -> Result<(), Problems> {
    use rollcall::client::metadata_document::DocumentError;
    let config = Config::parse(Settings {
        issuer: Some("https://as.example".into()),
        metadata: metadata.clone(),
        ..Settings::default()
    })
    .unwrap();
    let supported = &config.issuers()[0].own_profile().unwrap().supported;
    let url: ClientUrl = read_client_url(url, ClientUrlRules::default(), &Names).unwrap();
    match read_document(document, &url, profile, supported, &[], &Names) {
        Ok(_) => Ok(()),
        Err(DocumentError::Invalid(problems)) => Err(problems),
        Err(DocumentError::NotJson(problem)) => panic!("{problem}"),
    }
}

#[test]
fn every_hosted_document_is_accepted_by_the_verifier_of_documents() {
    let corpus: Value = serde_json::from_str(include_str!("vectors/clients.json")).unwrap();
    let (mut hosted, mut complete) = (0, 0);
    for vector in corpus["vectors"].as_array().unwrap() {
        let metadata = match vector["server"].as_str() {
            Some("everything") => profiles::everything(),
            _ => rollcall_support::shipped_metadata(),
        };
        let server = hosting(&json!({"METADATA": metadata}));
        let answer = server.register(&vector["request"]);
        if answer.status() != 201 {
            continue;
        }
        hosted += 1;
        let client = answer.json();
        let document = fetch(&server, id(&client)).0.body.unwrap();
        assert!(document.trim_end().len() <= LONGEST);
        let is_complete = client.get("missing_for_mcp").is_none();
        complete += usize::from(is_complete);
        for (profile, accepted) in
            [(DocumentProfile::Draft, true), (DocumentProfile::Mcp, is_complete)]
        {
            let verified = verify(id(&client), document.as_bytes(), &metadata, profile);
            assert_eq!(verified.is_ok(), accepted, "{}: {verified:?}", vector["name"]);
        }
    }
    assert!(hosted >= 25 && complete >= 20, "{hosted} {complete}");
}

#[test]
fn look_up_by_url_or_identifier_reads_the_record_and_never_fetches() {
    for documents in ["off", "open"] {
        let server = hosting(&json!({"DOCUMENTS": {"mode": documents}, "DOCUMENT_BASE": DOCS}));
        let client = registered(&server, &client());
        for client_id in [id(&client), short(&client)] {
            let reads = server.store.operations().0;
            let body = json!({"client_id": client_id, "redirect_uri": "https://app.example/cb"});
            let found = server_post(&server, "/as/clients/look-up", &body).json();
            assert_eq!(server.store.operations().0, reads + 1);
            assert_eq!(found["kind"], "registered");
            assert_eq!(found["client_id"], client["client_id"]);
            assert_eq!(found["metadata"]["client_id"], client["client_id"]);
            assert_eq!(found["redirect_uri_matches"], true);
            assert_eq!(found.get("document_url"), None);
        }
        let path = format!("/as/clients/{}", short(&client));
        let found = server.send(bearer("GET", &path, AS_TOKEN));
        assert_eq!(found.json()["client_id"], client["client_id"]);
        let never = "w".repeat(22);
        for unknown in [
            format!("{DOCS}/clients/{never}"),
            // The other base of this issuer, where this client is not.
            format!("{ORIGIN}/clients/{}", short(&client)),
        ] {
            assert_eq!(look_up(&server, &unknown).status(), 404, "{unknown}");
        }
        let rejected = if documents == "off" { 404 } else { 400 };
        assert_eq!(look_up(&server, &format!("{}/", id(&client))).status(), rejected);
        assert_eq!(look_up(&server, &format!("{DOCS}/other")).status(), rejected);
        assert_eq!(server.fetched.get(), 0);
        // Another host is another client, with the same identifier in its path.
        let foreign = format!("https://other.example/clients/{}", short(&client));
        let status = if documents == "off" { 404 } else { 503 };
        assert_eq!(look_up(&server, &foreign).status(), status);
        assert_eq!(server.fetched.get(), u32::from(documents == "open"));
    }
}

#[test]
fn documents_on_a_host_of_their_own_are_there_and_nothing_else_is() {
    let server = hosting(&json!({"DOCUMENT_BASE": format!("{DOCS}/t/")}));
    let client = registered(&server, &client());
    assert_eq!(id(&client), format!("{DOCS}/t/clients/{}", short(&client)));
    assert_eq!(path_of(&client), format!("/reg/{}", short(&client)));
    let document = fetch(&server, id(&client));
    assert_eq!((document.status(), &document.json()["client_id"]), (200, &client["client_id"]));
    // The platform's cache has no host in its key, and there are two hosts now.
    assert_eq!(document.header("cloudflare-cdn-cache-control"), Some("no-store"));
    assert_eq!(document.0.event.issuer.as_deref(), Some(ORIGIN));
    for other in [
        format!("{DOCS}/clients/{}", short(&client)),
        format!("{ORIGIN}/clients/{}", short(&client)),
        format!("{ORIGIN}/t/clients/{}", short(&client)),
        format!("https://rollcall.account.workers.dev/t/clients/{}", short(&client)),
    ] {
        assert_eq!(fetch(&server, &other).status(), 404, "{other}");
    }
    for path in
        ["/t/reg", "/reg", "/t/.well-known/oauth-authorization-server", "/as/clients/look-up"]
    {
        assert_eq!(fetch(&server, &format!("{DOCS}{path}")).status(), 404, "{path}");
    }
    let posted =
        server.send(Call::new("POST", id(&client).strip_prefix(DOCS).unwrap()).origin(DOCS));
    assert_eq!((posted.status(), posted.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    // The issuer is only at its own host now.
    let discovery = "/.well-known/oauth-authorization-server";
    assert_eq!(server.get(discovery).header("cloudflare-cdn-cache-control"), Some("no-store"));

    // Documents from before the base stay where they are, and a base that is given up ends its documents.
    let later = hosting(&json!({"DOCUMENT_BASE": "https://docs2.example"}));
    later.store.clock.set(server.store.clock.get());
    for (key, record) in server.store.records() {
        later.store.plant(&key, &record);
    }
    assert_eq!(fetch(&later, id(&client)).status(), 404);
    assert_eq!(later.read_back(&client).json()["client_id"], client["client_id"]);
    assert_eq!(look_up(&later, id(&client)).json()["client_id"], client["client_id"]);
    let first = hosting(&json!({}));
    let at_issuer = registered(&first, &self::client());
    for (key, record) in first.store.records() {
        later.store.plant(&key, &record);
    }
    assert_eq!(fetch(&later, id(&at_issuer)).json()["client_id"], at_issuer["client_id"]);
    assert_eq!(fetch(&later, id(&registered(&later, &self::client()))).status(), 200);
}

#[test]
fn settings_that_cannot_have_documents_are_rejected_by_name() {
    let url = json!({"client_id": "url"});
    for (vars, wrong) in [
        (json!({"REGISTRATION": url, "ISSUER": ""}), "REGISTRATION.client_id is \"url\""),
        (
            json!({"REGISTRATION": url, "ISSUER": "https://as.internal"}),
            "REGISTRATION.client_id is",
        ),
        (json!({"REGISTRATION": url, "ISSUER": "https://10.0.0.1"}), "REGISTRATION.client_id is"),
        (
            json!({"DOCUMENT_BASE": "http://docs.example"}),
            "DOCUMENT_BASE is \"http://docs.example\"",
        ),
        (json!({"DOCUMENT_BASE": "https://docs.example/?a"}), "DOCUMENT_BASE is"),
        (json!({"DOCUMENT_BASE": "https://docs"}), "DOCUMENT_BASE is"),
        (json!({"DOCUMENT_BASE": "https://Docs.example"}), "DOCUMENT_BASE is"),
        (json!({"DOCUMENT_BASE": DOCS, "ISSUER": ""}), "ISSUER is missing; DOCUMENT_BASE needs it"),
        (
            json!({"ISSUER": "", "DOCUMENT_BASE": DOCS, "ISSUERS": {
                "https://a.example": {}, "https://b.example": {},
            }}),
            "ISSUERS.\"https://b.example\".DOCUMENT_BASE is \"https://docs.example\"",
        ),
        (
            json!({"ISSUER": "", "ISSUERS": {
                "https://a.example": {"DOCUMENT_BASE": "https://b.example"}, "https://b.example": {},
            }}),
            "ISSUERS.\"https://b.example\" is",
        ),
    ] {
        let why = error(&vars);
        assert!(why.contains(wrong), "{vars}: {why}");
    }
    for vars in [
        json!({"REGISTRATION": url, "ISSUER": "https://localhost:8443"}),
        json!({"REGISTRATION": url, "ISSUER": "https://as.internal", "DOCUMENT_BASE": DOCS}),
        json!({"REGISTRATION": url, "DOCUMENT_BASE": ""}),
        json!({"REGISTRATION": url, "DOCUMENT_BASE": ORIGIN}),
        json!({"ISSUER": "", "ISSUERS": {
            "https://a.example": {"DOCUMENT_BASE": "https://docs.example/a"},
            "https://b.example": {"DOCUMENT_BASE": "https://docs.example/b"},
        }}),
    ] {
        Config::parse(settings(&vars)).unwrap();
    }
}

#[test]
fn documents_of_two_issuers_on_one_host_do_not_cross() {
    let issuers = json!({
        "https://auth.example.com/a": {"DOCUMENT_BASE": "https://docs.example/a"},
        "https://auth.example.com/b": {"DOCUMENT_BASE": "https://docs.example/b"},
    });
    let server = hosting(&json!({"ISSUER": "", "ISSUERS": issuers}));
    let at = |issuer: &str| {
        let call = Call::new("POST", &format!("/{issuer}/reg"));
        let call = call.header("content-type", "application/json").body(client().to_string());
        server.send(call).created()
    };
    let (a, b) = (at("a"), at("b"));
    server.store.pass(2_000);
    for client in [&a, &b] {
        assert_eq!(fetch(&server, id(client)).json()["client_id"], client["client_id"]);
    }
    let crossed = id(&a).replace("/a/", "/b/");
    assert_eq!(fetch(&server, &crossed).status(), 404);
}

#[test]
fn operator_knows_the_client_by_its_identifier_and_exports_its_url() {
    let server = hosting(&json!({}));
    let client = registered(&server, &client());
    let path = format!("/{}", short(&client));
    let shown = server.send(operator("GET", &path)).json();
    assert_eq!(shown["client_id"], short(&client));
    assert_eq!(shown["document_url"], client["client_id"]);
    assert_eq!(shown["metadata"]["client_id"], client["client_id"]);
    let edit = |metadata: Value| {
        let call = operator("PATCH", &path).header("content-type", "application/json");
        server.send(call.body(json!({ "metadata": metadata }).to_string()))
    };
    assert_eq!(edit(json!({"client_name": "Edited"})).status(), 200);
    server.store.pass(2_000);
    assert_eq!(fetch(&server, id(&client)).json()["client_name"], "Edited");
    let secret = edit(json!({"token_endpoint_auth_method": "client_secret_basic"}));
    assert_eq!(secret.problems()[0].1, "hosted_auth_method");
    let call = operator("POST", "").header("content-type", "application/json");
    let created = server.send(call.body(json!({"metadata": self::client()}).to_string())).created();
    assert!(id(&created).starts_with(&format!("{ORIGIN}/clients/")));

    let record = server.store.records()[0].1.clone();
    let stored: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(stored["v"], 4, "an earlier program would lose the URL with the next update");
    let other = hosting(&json!({}));
    other.store.clock.set(server.store.clock.get());
    assert_eq!(import(&other, &record).json()["imported"], 1);
    let url = stored["document_url"].as_str().unwrap();
    assert_eq!(fetch(&other, url).json()["client_id"], url);
    for (member, value, rule) in [
        ("/document_url", json!("https://docs.example/other"), "document_url"),
        ("/document_url", json!("http://auth.example.com/clients/x"), "document_url"),
        (
            "/metadata/token_endpoint_auth_method",
            json!("client_secret_basic"),
            "hosted_auth_method",
        ),
    ] {
        let mut wrong = stored.clone();
        *wrong.pointer_mut(member).unwrap() = value;
        let answer = import(&hosting(&json!({})), &wrong.to_string()).json();
        assert_eq!(answer["refused"][0]["rule"], rule, "{answer}");
        assert_eq!(answer["refused"][0]["member"], member);
    }
}

/// Identifiers that are signed are as long as they are.
#[test]
fn signed_identifier_is_in_the_url_and_a_forged_one_costs_no_read() {
    let key = format!("1:{}A", "A".repeat(42));
    let server = hosting(&json!({"ID_KEY": key, "ID_KEY_REQUIRED": true}));
    let client = registered(&server, &client());
    assert_eq!(short(&client).len(), 30);
    assert_eq!(fetch(&server, id(&client)).status(), 200);
    let reads = server.store.operations().0;
    assert_eq!(fetch(&server, &format!("{ORIGIN}/clients/{}", "A".repeat(22))).status(), 404);
    assert_eq!(server.store.operations().0, reads);
}
