//! Properties of every request: no panic, no server error, and accepted metadata stay accepted.

use crate::cases::cases;
use proptest::prelude::*;
use proptest::string::{RegexGeneratorStrategy, string_regex};
use rollcall::client::table::{Kind, MEMBERS};
use rollcall_support::{Call, Server, profiles};
use serde_json::{Map, Value, json};

/// Texts that match `regex`, which is parsed once. A string that is a strategy itself would be parsed for each case.
pub fn matching(regex: &str) -> RegexGeneratorStrategy<String> {
    string_regex(regex).unwrap()
}

/// Any JSON, small.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        matching(".{0,12}").prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(matching("[a-z_#]{0,8}"), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A value that some member might like.
fn plausible() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "code",
        "id_token",
        "code id_token",
        "authorization_code",
        "implicit",
        "refresh_token",
        "client_credentials",
        "none",
        "private_key_jwt",
        "client_secret_post",
        "web",
        "native",
        "https://a.example/cb",
        "http://localhost:1/cb",
        "app.example:/cb",
        "https://b.example/",
        "RS256",
        "ES256",
        "RSA-OAEP",
        "A128CBC-HS256",
        "A256GCM",
        "public",
        "pairwise",
        "openid email",
        "Name",
        "HS256",
        "automatic",
        "poll",
    ]);
    let word = words.prop_map(Value::from);
    prop_oneof![
        4 => word.clone(),
        3 => prop::collection::vec(word, 1..4).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => (0..10_000u32).prop_map(Value::from),
        1 => Just(profiles::keys()),
        1 => any_json(),
    ]
}

fn requests() -> impl Strategy<Value = Value> {
    let names: Vec<String> = MEMBERS
        .iter()
        .flat_map(|member| [member.name.to_owned(), format!("{}#de", member.name)])
        .collect();
    let member = (prop::sample::select(names), plausible());
    prop::collection::vec(member, 0..8).prop_map(|members| {
        let mut request = json!({"redirect_uris": ["https://a.example/cb"]});
        request.as_object_mut().unwrap().extend(members.into_iter().collect::<Map<_, _>>());
        request
    })
}

/// The update with which a client keeps its registration as it is.
fn as_request(client: &Value) -> Value {
    let mut request = client.clone();
    for member in MEMBERS.iter().filter(|member| member.kind == Kind::ServerAssigned) {
        request.as_object_mut().unwrap().remove(member.name);
    }
    request
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(1500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn accepted_metadata_read_back_identical_and_are_accepted_again(request in requests()) {
        let server = Server::with(profiles::everything());
        let answer = server.register(&request);
        prop_assert!([201, 400].contains(&answer.status()));
        if answer.status() == 400 {
            answer.refusal();
            prop_assert!(!answer.problems().is_empty());
            prop_assert_eq!(server.store.operations(), (0, 0));
            return Ok(());
        }
        let client = answer.json();
        prop_assert_eq!(server.store.operations(), (0, 1));
        let read = server.read_back(&client).json();
        prop_assert_eq!(as_request(&read), as_request(&client));
        let again = server.register(&as_request(&client));
        prop_assert_eq!(again.status(), 201, "{}", again.json());
        prop_assert_eq!(as_request(&again.json()), as_request(&client));
        for value in client.as_object().unwrap().values() {
            prop_assert!(!value.is_null() && value != "");
        }
    }

    #[test]
    fn no_body_and_no_header_is_a_server_error(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            any_json().prop_map(|json| json.to_string().into_bytes()),
            requests().prop_map(|json| { let text = json.to_string(); text.as_bytes()[..text.len() / 2].to_vec() }),
        ],
        path in matching("/(reg|register|\\.well-known/[a-z-]{0,8})?/?.{0,20}"),
        method in prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "X"]),
        authorization in matching(".{0,40}"),
    ) {
        let server = Server::new();
        let answer = server.send(Call::register(body.clone()));
        prop_assert!(answer.status() < 500, "{}", answer.status());
        let call = Call::new(method, &path).header("authorization", &authorization).body(body);
        prop_assert!(server.send(call).status() < 500);
    }
}
