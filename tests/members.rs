//! Every member of the table: a good value is kept, and what every kind of bad one gets.

use rollcall::client::limits;
use rollcall::client::table::{Kind, MEMBERS, Member, Property};
use rollcall_support::{Server, profiles};
use serde_json::{Value, json};

/// The least a client can send, with the members that a value of `member` needs.
pub(crate) fn request_for(member: &Member) -> Value {
    let mut request = json!({
        "redirect_uris": ["https://app.example/cb"],
        "jwks": profiles::keys(),
    });
    match member.name {
        "jwks_uri" => drop(request.as_object_mut().unwrap().remove("jwks")),
        name if name.contains("logout_session_required") => {
            let uri = name.replace("session_required", "uri");
            request[uri] = json!("https://app.example/logout");
        }
        _ => {}
    }
    match member.kind {
        Kind::Enc { alg, .. } => request[alg] = json!("RSA-OAEP"),
        Kind::Choices { of } => {
            if let Some(stem) = of.strip_suffix("_enc") {
                request[format!("{stem}_alg")] = json!("RSA-OAEP");
            }
        }
        _ => {}
    }
    request
}

/// A value that is kept as it is.
pub(crate) fn good(member: &Member) -> Value {
    match member.kind {
        Kind::RedirectUris => {
            json!(["https://app.example/cb", "http://127.0.0.1:8080/cb", "app.example:/cb"])
        }
        Kind::GrantTypes => json!(["authorization_code", "refresh_token"]),
        Kind::ResponseTypes => json!(["code"]),
        Kind::AuthMethod => json!("client_secret_post"),
        Kind::ApplicationType => json!("native"),
        Kind::Scope => json!("openid email"),
        Kind::RedirectUriList => json!(["https://app.example/out", "com.example.app:/out"]),
        Kind::DisplayText => json!("Ünïcode \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} עברית"),
        Kind::DisplayTexts => json!(["ops@example.com", "schlüssel"]),
        Kind::Opaque => json!("4NRB1-0XZABZI9E6-5SM3R"),
        Kind::Text => json!("4NRB1-0XZABZI9E6-5SM3R \u{30af}"),
        Kind::Texts => json!(["urn:mace:incommon:iap:silver", "2"]),
        Kind::WebUri => json!("http://homeassistant.local:8123/"),
        Kind::SecureUri | Kind::LogoutUri => json!("https://app.example/x?y=z"),
        Kind::SecureUris => json!(["https://app.example/request.jwt#GkurKxf5T0Y"]),
        Kind::Jws { .. } | Kind::AuthSigningAlg => json!("ES256"),
        Kind::Jwe { .. } => json!("RSA-OAEP-256"),
        Kind::Enc { .. } => json!("A256GCM"),
        Kind::EncList => json!(["A128GCM", "A256GCM"]),
        Kind::Enum { allowed, .. } | Kind::Enums { allowed } => {
            let last = allowed.split(", ").find(|value| *value != "pairwise").unwrap();
            if let Kind::Enums { .. } = member.kind { json!([last]) } else { json!(last) }
        }
        Kind::Flag => json!(true),
        Kind::Seconds => json!(3600),
        Kind::JwkSet => profiles::keys(),
        Kind::Object => json!({"mso_mdoc": {"alg": ["ES256"]}}),
        Kind::SoftwareStatement => json!("eyJhbGciOiJSUzI1NiJ9.eyJzb2Z0d2FyZV9pZCI6IngifQ.c2ln"),
        Kind::Choices { of } => match of {
            "subject_type" => json!(["public", "other"]),
            "token_endpoint_auth_method" => json!(["attest_jwt_client_auth", "client_secret_post"]),
            name if name.ends_with("_enc") => json!(["A256GCM", "X"]),
            name if name.contains("encrypt") => json!(["RSA-OAEP", "X"]),
            _ => json!(["HS256", "ES256"]),
        },
        Kind::ServerAssigned => Value::Null,
    }
}

/// Those of [`client_members`] that are registered. A list of choices is not: its chosen value is.
fn registered_members() -> impl Iterator<Item = &'static Member> {
    client_members().filter(|member| !matches!(member.kind, Kind::Choices { .. }))
}

pub(crate) fn client_members() -> impl Iterator<Item = &'static Member> {
    MEMBERS.iter().filter(|member| member.kind != Kind::ServerAssigned)
}

fn send(member: &Member, value: Value) -> rollcall_support::Answer {
    let mut request = request_for(member);
    request[member.name] = value;
    Server::with(profiles::everything()).register(&request)
}

#[test]
fn good_value_of_every_member_is_echoed_stored_and_read_back() {
    for member in registered_members() {
        let server = Server::with(profiles::everything());
        let mut request = request_for(member);
        request[member.name] = good(member);
        let answer = server.register(&request);
        assert_eq!(answer.status(), 201, "{}: {}", member.name, answer.json());
        let client = answer.json();
        assert_eq!(client[member.name], good(member), "{}", member.name);
        let read = server.read_back(&client).json();
        assert_eq!(read[member.name], good(member), "{}", member.name);
    }
}

#[test]
fn null_and_empty_mean_absent_for_every_member() {
    for member in client_members().filter(|member| member.name != "redirect_uris") {
        let mut expected = request_for(member);
        expected.as_object_mut().unwrap().remove(member.name);
        let expected = Server::with(profiles::everything()).register(&expected).created();
        for absent in [json!(null), json!(""), json!([])] {
            assert_eq!(
                send(member, absent.clone()).created(),
                expected,
                "{} {absent}",
                member.name
            );
        }
    }
}

#[test]
fn wrong_json_type_of_every_member_is_rejected_by_name() {
    for member in client_members() {
        let right = member.kind.json_type();
        for (wrong, expected) in [
            (json!("text"), "a string"),
            (json!(true), "true or false"),
            (json!(7), "a whole number of seconds"),
            (json!({"a": 1}), "an object"),
            (json!(["a"]), "a list of strings"),
        ] {
            if expected == right {
                continue;
            }
            let answer = send(member, wrong.clone());
            assert_eq!(
                answer.refusal(),
                (400, "invalid_client_metadata".into()),
                "{} {wrong}",
                member.name
            );
            let expected = (format!("/{}", member.name), "type".to_owned());
            assert!(
                answer.problems().contains(&expected),
                "{} {wrong}: {}",
                member.name,
                answer.json()
            );
        }
        if right == "a list of strings" {
            for (element, rule) in [(json!(7), "type"), (json!(null), "type"), (json!(""), "empty")]
            {
                let mut list = good(member);
                list.as_array_mut().unwrap().push(element);
                let at = format!("/{}/{}", member.name, list.as_array().unwrap().len() - 1);
                let problems = send(member, list).problems();
                assert!(problems.contains(&(at, rule.to_owned())), "{}: {problems:?}", member.name);
            }
        }
    }
}

/// The most bytes of a text of `member`, and the most elements of its list.
fn most(member: &Member) -> (usize, usize) {
    match member.kind {
        Kind::RedirectUris | Kind::RedirectUriList => (limits::URI, limits::REDIRECT_URIS),
        Kind::WebUri | Kind::SecureUri | Kind::SecureUris | Kind::LogoutUri => {
            (limits::URI, limits::LIST)
        }
        Kind::DisplayText | Kind::DisplayTexts => (limits::DISPLAY_TEXT, limits::LIST),
        Kind::SoftwareStatement => (limits::SOFTWARE_STATEMENT, limits::LIST),
        Kind::Scope => (limits::SCOPE, limits::LIST),
        _ => (limits::OPAQUE, limits::LIST),
    }
}

#[test]
fn text_and_a_list_beyond_their_limits_are_rejected_for_every_member() {
    for member in client_members() {
        let (bytes, elements) = most(member);
        let is_list = match member.kind.json_type() {
            "a string" => false,
            "a list of strings" => true,
            _ => continue,
        };
        let has = |value: Value, at: &str, rule: &str| {
            let answer = send(member, value);
            let problem = (format!("/{}{at}", member.name), rule.to_owned());
            answer.status() == 400 && answer.problems().contains(&problem)
        };
        for (length, refused) in [(bytes, false), (bytes + 1, true)] {
            let text = "x".repeat(length);
            let (value, at) = if is_list { (json!([text]), "/0") } else { (json!(text), "") };
            let is_statement = matches!(member.kind, Kind::SoftwareStatement);
            let rule = if is_statement && refused { "statement_syntax" } else { "length" };
            assert_eq!(has(value, at, rule), refused, "{}: {length} bytes", member.name);
        }
        for (count, refused) in [(elements, false), (elements + 1, true)] {
            let many: Vec<String> = (0..count).map(|n| format!("https://a{n}.example/")).collect();
            let count = has(json!(many), "", "count");
            assert_eq!(count, refused && is_list, "{}: {} elements", member.name, many.len());
        }
    }
}

#[test]
fn duplicates_in_a_list_are_dropped_and_the_order_is_kept() {
    for member in registered_members() {
        let list = good(member);
        let Some(first) = list.as_array().and_then(|list| list.first()).cloned() else { continue };
        let mut doubled = list.clone();
        doubled.as_array_mut().unwrap().push(first);
        assert_eq!(send(member, doubled).created()[member.name], list, "{}", member.name);
    }
}

#[test]
fn localized_members_keep_every_language_and_others_have_none() {
    // Of 35 characters, and of 36.
    let longest = "subtag00-subtag01-subtag02-subtag03";
    let longer = "subtag00-subtag01-subtag02-subtag0-3";
    let tags = [("ja-Jpan-JP", true), (longest, true), (longer, false), ("x y", false)];
    for member in client_members() {
        let mut request = request_for(member);
        for (tag, _) in &tags {
            request[format!("{}#{tag}", member.name)] = good(member);
        }
        let client = Server::with(profiles::everything()).register(&request).created();
        for (tag, sound) in &tags {
            let expected =
                if member.has(Property::Localized) && *sound { good(member) } else { Value::Null };
            assert_eq!(client[format!("{}#{tag}", member.name)], expected, "{}#{tag}", member.name);
        }
    }
}

#[test]
fn assigned_members_are_ignored_in_a_registration() {
    for member in MEMBERS.iter().filter(|member| member.kind == Kind::ServerAssigned) {
        for value in [json!("mine"), json!(1), json!(["x"])] {
            let client = send(member, value.clone()).created();
            assert_ne!(client[member.name], value, "{}", member.name);
        }
    }
}
