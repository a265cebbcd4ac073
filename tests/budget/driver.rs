//! The work budget: the most expensive body of 64 KB of every shape, without a policy and with policies that have
//! 100 entries in each of their lists: the operator's, an initial access token's, and the lists of an authorization
//! server's document. Run by `npm test -- "work budget"`, which counts the instructions of every call of [`measured`]
//! with callgrind and holds them against the first one. No clock is involved.
//!
//! Prints one line per call: its configuration, its shape, its status, the bytes of the answer, and the questions that
//! the runtime was asked about hosts. With two arguments, only the shapes and configurations that contain
//! these words, for a look into one of them.

mod configurations;
mod heads;
mod shapes;
mod shapes_of_hosts;

use rollcall_support::{Answer, Call, Server, settings};

use configurations::{Configuration, Prepared};
use shapes::Shape;

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

    let mut all = shapes::all();
    all.extend(shapes_of_hosts::all());
    let mut surprises = 0;
    for configuration in configurations::all() {
        let Configuration { name, .. } = configuration;
        let prepared = configuration.prepare();
        // The allocator tidies up what the preparation has freed once it is asked for much: no request pays for that.
        drop(std::hint::black_box(vec![0_u8; 100_000]));
        for shape in &all {
            let is_left_out = configuration.repeats_another && !shape.is_costly();
            if is_left_out || !is_wanted(name, shape.name) {
                continue;
            }
            assert!(shape.body.len() <= shapes::LIMIT, "{} is too long", shape.name);
            // The answers of the runtime about hosts are known then, and its own work is not counted.
            if shape.name.contains("xn--") {
                call(&prepared, shape).map(|call| prepared.server.send(call));
            }
            let Some(call) = call(&prepared, shape) else { continue };
            let answer = print(&prepared.server, name, shape.name, call);
            let status = answer.status();
            if name == "no policy" && !shape.statuses.contains(&status) {
                let body_text: String =
                    answer.0.body.unwrap_or_default().chars().take(300).collect();
                eprintln!("{} is answered with {status}: {body_text}", shape.name);
                surprises += 1;
            }
        }
    }
    let client = plain.send(Call::register(readme)).json();
    for (name, call, status) in heads::all(&client) {
        if is_wanted("heads", name) {
            let answer = print(&plain, "heads", name, call);
            if answer.status() != status {
                eprintln!("{name} is answered with {}", answer.status());
                surprises += 1;
            }
        }
    }
    assert_eq!(surprises, 0, "shapes are no longer what they are said to be");
}

/// The request of a shape; `None` for an update whose client cannot be registered there, or is shared.
fn call(prepared: &Prepared, shape: &Shape) -> Option<Call> {
    let Some(registered) = &shape.update else {
        return Some(prepared.register(&shape.body));
    };
    let registered = prepared.server.send(prepared.register(registered));
    if registered.status() != 201 {
        return None;
    }
    let registered = registered.json();
    // Nobody updates a shared client.
    registered.get("registration_access_token")?;
    let id = registered["client_id"].as_str().unwrap();
    let own = format!("{{\"client_id\":\"{id}\",");
    let call = Call::of("PUT", &registered).header("content-type", "application/json");
    Some(call.body(shape.body.replacen('{', &own, 1)))
}

fn print(server: &Server, configuration: &str, shape: &str, call: Call) -> Answer {
    let before = server.questions.get();
    let answer = measured(server, call);
    let questions = server.questions.get() - before;
    let bytes = answer.0.body.as_deref().map_or(0, str::len);
    println!("{configuration}\t{shape}\t{}\t{bytes}\t{questions}", answer.status());
    answer
}
