//! The work budget: the most expensive body of 64 KB of every shape, without a policy and with policies that have
//! 100 entries in each of their lists. Run by `npm test -- "work budget"`, which counts the instructions of every call of
//! [`measured`] with callgrind and holds them against the first one. No clock is involved.
//!
//! Prints one line per call: its configuration, its shape, its status, and the bytes of the answer. With two arguments,
//! only the shapes and configurations that contain these words, for a look into one of them.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "the native tests use the rest")]
mod support;

mod configurations;
mod shapes;

use support::{Answer, Call, Server, settings};

/// The counted work: one request, from its first byte to its last.
#[inline(never)]
fn measured(server: &Server, call: Call) -> Answer {
    server.send(call)
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |configuration: &str, shape: &str| match &wanted[..] {
        [only, shapes] => configuration.contains(&**only) && shape.contains(&**shapes),
        _ => true,
    };
    let plain = Server::configured(settings(&serde_json::Value::Null));
    let readme = include_str!("readme.json");
    // The first registration of a process sets things up that later ones find.
    assert_eq!(plain.send(Call::register(readme)).status(), 201);
    print(&plain, "unit", "readme", Call::register(readme));

    let mut surprises = 0;
    for (configuration, vars) in configurations::all() {
        let server = Server::configured(settings(&vars));
        for shape in shapes::all() {
            if !is_wanted(configuration, shape.name) {
                continue;
            }
            assert!(shape.body.len() <= shapes::LIMIT, "{} is too long", shape.name);
            let call = match shape.update {
                None => Call::register(shape.body),
                Some(registered) => {
                    let registered = server.send(Call::register(registered));
                    if registered.status() != 201 {
                        continue;
                    }
                    let registered = registered.json();
                    let id = registered["client_id"].as_str().unwrap();
                    let own = format!("{{\"client_id\":\"{id}\",");
                    Call::of("PUT", &registered)
                        .header("content-type", "application/json")
                        .body(shape.body.replacen('{', &own, 1))
                }
            };
            let answer = print(&server, configuration, shape.name, call);
            let status = answer.status();
            if configuration == "no policy" && !shape.statuses.contains(&status) {
                let body_text: String =
                    answer.0.body.unwrap_or_default().chars().take(300).collect();
                eprintln!("{} is answered with {status}: {body_text}", shape.name);
                surprises += 1;
            }
        }
    }
    assert_eq!(surprises, 0, "shapes are no longer what they are said to be");
}

fn print(server: &Server, configuration: &str, shape: &str, call: Call) -> Answer {
    let answer = measured(server, call);
    let bytes = answer.0.body.as_deref().map_or(0, str::len);
    println!("{configuration}\t{shape}\t{}\t{bytes}", answer.status());
    answer
}
