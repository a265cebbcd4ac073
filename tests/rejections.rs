//! Recent rejections: in the log, and counted for the operator.

use rollcall_support::{ADMIN_TOKEN, Call, Server, settings};
use serde_json::{Value, json};

fn list(server: &Server) -> Vec<Value> {
    let call = Call::new("GET", "/admin/rejections");
    let answer = server.send(call.header("authorization", &format!("Bearer {ADMIN_TOKEN}")));
    assert_eq!(answer.status(), 200);
    answer.json()["rejections"].as_array().unwrap().clone()
}

fn reject(server: &Server) {
    let wrong = json!({"redirect_uris": ["http://a.example/cb"], "logo_uri": "ftp://a.example/"});
    assert_eq!(server.register(&wrong).status(), 400);
}

#[test]
fn line_of_the_log_names_rule_and_member_and_nothing_of_the_caller() {
    let server = Server::configured(settings(&json!({})));
    let wrong = json!({
        "redirect_uris": ["http://a.example/cb", "http://b.example/cb"],
        "client_name#x-secret": "a\u{202e}",
        "__proto__": {"a": 1},
    });
    let answer = server.register(&wrong);
    let errors = serde_json::to_value(&answer.0.event.rejections).unwrap();
    assert_eq!(
        errors,
        json!([
            {"member": "redirect_uris", "rule": "redirect_uri_remote_http"},
            {"member": "client_name", "rule": "display_text"},
        ])
    );
    let twice = server.send(Call::register(r#"{"my_member": 1, "my_member": 2}"#));
    let errors = serde_json::to_value(&twice.0.event.rejections).unwrap();
    assert_eq!(errors, json!([{"member": "-", "rule": "duplicate_member"}]));
}

#[test]
fn rejections_are_counted_and_passed_on_once_a_minute() {
    let server = Server::configured(settings(&json!({})));
    assert_eq!(list(&server), [Value::Null; 0]);
    for _ in 0..5 {
        reject(&server);
    }
    // The first was passed on at once, the others wait.
    let count = |rejections: &[Value]| -> Vec<u64> {
        rejections.iter().map(|one| one["count"].as_u64().unwrap()).collect()
    };
    assert_eq!(count(&list(&server)), [1, 1]);
    server.store.pass(60_000);
    reject(&server);
    let rejections = list(&server);
    assert_eq!(count(&rejections), [6, 6]);
    let members: Vec<&str> = rejections.iter().map(|one| one["member"].as_str().unwrap()).collect();
    assert!(members.contains(&"redirect_uris") && members.contains(&"logo_uri"));
    assert!(rejections[0]["last_at"].as_u64() > rejections[0]["first_at"].as_u64());
    // A dry run is no registration.
    let dry = Call::new("POST", "/reg?dry_run=true").header("content-type", "application/json");
    assert_eq!(server.send(dry.body("{}")).status(), 400);
    server.store.pass(60_000);
    assert_eq!(count(&list(&server)), [6, 6]);
    server.store.pass(7 * 24 * 60 * 60 * 1000);
    assert_eq!(list(&server), [Value::Null; 0]);
}
