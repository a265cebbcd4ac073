//! Bytes to members: JSON that is malformed, repeats keys, or is too large.

use rollcall::client::{RawMetadata, limits};

fn refused(body: &[u8]) -> (String, &'static str) {
    let problem = RawMetadata::parse(body).unwrap_err();
    (problem.at.to_string(), problem.rule.id())
}

#[test]
fn body_that_is_no_json_object_is_rejected() {
    for body in [
        &b""[..],
        b"{",
        b"{]",
        b"nul",
        b"{}x",
        b"\xef\xbb\xbf{}",
        b"{\"client_name\":\"\xff\"}",
        b"{\"client_name\":\"\\ud800\"}",
        b"{\"a\":01}",
        b"{'a':1}",
    ] {
        assert_eq!(refused(body), (String::new(), "json"), "{body:?}");
    }
    for body in [r#"{"a":1e999}"#, r#"{"client_name":"x","a":[-1e999]}"#, "1e999"] {
        assert_eq!(refused(body.as_bytes()), (String::new(), "json_number"), "{body}");
    }
    for body in ["[]", "[{}]", "1", "-1", "1.5", "true", "null", "\"x\""] {
        assert_eq!(refused(body.as_bytes()), (String::new(), "json_object"), "{body}");
    }
}

/// Threat 24.
#[test]
fn duplicate_keys_are_rejected_at_any_depth() {
    for (body, at) in [
        (r#"{"scope":"a","scope":"b"}"#, "/scope"),
        (r#"{"x":1,"x":1}"#, "/x"),
        (r#"{"client_name#en":"a","client_name#EN":"b"}"#, "/client_name#EN"),
        (r#"{"jwks":{"keys":[],"keys":[]}}"#, "/jwks"),
        (r#"{"unknown":{"a":{"b":1,"b":2}}}"#, "/unknown"),
    ] {
        assert_eq!(refused(body.as_bytes()), (at.to_owned(), "duplicate_member"), "{body}");
    }
    assert!(
        RawMetadata::parse(br#"{"Scope":"a","scope":"b"}"#).is_ok(),
        "names are case-sensitive"
    );
}

/// Threat 23.
#[test]
fn depth_members_and_values_are_bounded() {
    let nested = |depth: usize| format!("{{\"jwks\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(RawMetadata::parse(nested(limits::DEPTH - 1).as_bytes()).is_ok());
    assert_eq!(refused(nested(limits::DEPTH).as_bytes()).1, "depth");
    assert_eq!(refused(nested(20_000).as_bytes()).1, "depth");
    let many: Vec<String> = (0..=limits::METADATA_MEMBERS).map(|n| format!("\"m{n}\":1")).collect();
    assert_eq!(refused(format!("{{{}}}", many.join(",")).as_bytes()).1, "member_count");
    let values = |count: usize| format!("{{\"x\":[[],{{\"y\":[1{}]}}]}}", ",1".repeat(count - 5));
    assert!(RawMetadata::parse(values(limits::VALUES).as_bytes()).is_ok());
    assert_eq!(refused(values(limits::VALUES + 1).as_bytes()), ("/x".into(), "value_count"));
}
