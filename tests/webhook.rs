//! Events: what each is called, which are sent on, and how they are signed.

use rollcall::gate::Limit;
use rollcall::issuer::{Config, Settings};
use rollcall::runtime::FetchError;
use rollcall::vocabulary::WebhookSecret;
use rollcall_support::{ADMIN_TOKEN, AS_TOKEN, Call, Server, settings};
use serde_json::{Value, json};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn with_webhook(url: &str, secret: &Value) -> Settings {
    settings(&json!({"WEBHOOK": {"url": url}, "WEBHOOK_SECRET": secret}))
}

fn server() -> Server {
    Server::configured(with_webhook("https://audit.example/hook", &SECRET.into()))
}

#[test]
fn standard_webhooks_1_0_the_signature_is_that_of_the_published_example() {
    let secret = WebhookSecret::from_config(SECRET).unwrap();
    let message = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
    assert_eq!(secret.sign(message), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_eq!(format!("{secret:?}"), "WebhookSecret(redacted)");
}

#[test]
fn message_is_signed_anew_for_every_try_under_one_id() {
    let server = server();
    let webhook = server.config.webhook.clone().unwrap();
    let failed = |why: &str| Err(FetchError::Failed(why.into()));
    server.receiver.borrow_mut().extend([failed("lost"), Ok(500), Ok(302), Ok(200)]);
    let from = server.store.clock.get();
    server
        .with_runtime(async |runtime| webhook.deliver(runtime, "{\"action\":\"register\"}").await)
        .unwrap();
    let sent = server.posted.borrow().clone();
    assert_eq!(sent.len(), 4);
    let secret = WebhookSecret::from_config(SECRET).unwrap();
    for one in &sent {
        let header = |name: &str| one.headers[name].clone();
        assert_eq!(
            (&*one.url, header("webhook-id")),
            ("https://audit.example/hook", sent[0].headers["webhook-id"].clone())
        );
        let signed =
            format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), one.body);
        assert_eq!(header("webhook-signature"), format!("v1,{}", secret.sign(&signed)));
    }
    assert_ne!(sent[0].headers["webhook-timestamp"], sent[3].headers["webhook-timestamp"]);
    assert!(server.store.clock.get() - from < 20_000);
}

#[test]
fn receiver_that_stays_away_is_given_up_and_one_that_is_gone_at_once() {
    for (answers, tries, response) in [
        (vec![Ok(503); 9], 4, "WEBHOOK.url was answered with status 503"),
        (vec![Ok(410); 9], 1, "WEBHOOK.url is gone (410)"),
        (
            vec![Err(FetchError::Failed("refused".into())); 9],
            4,
            "WEBHOOK.url cannot be reached: refused",
        ),
    ] {
        let server = server();
        let webhook = server.config.webhook.clone().unwrap();
        server.receiver.borrow_mut().extend(answers);
        let error =
            server.with_runtime(async |runtime| webhook.deliver(runtime, "{}").await).unwrap_err();
        assert_eq!(error.reason, response);
        let sent = server.posted.borrow()[0].headers["webhook-id"].clone();
        assert_eq!(error.event_id, sent);
        assert_eq!(server.posted.borrow().len(), tries);
    }
}

#[test]
fn event_is_named_by_what_was_to_be_done_and_sent_on_if_it_changes_something() {
    let server = server();
    let good = json!({"redirect_uris": ["https://a.example/cb"]});
    let client = server.register(&good).created();
    server.store.pass(2_000);
    let admin = |method: &str, path: &str| {
        let call =
            Call::new(method, path).header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
        call.header("content-type", "application/json").body("{}")
    };
    let ask =
        |path: &str| Call::new("GET", path).header("authorization", &format!("Bearer {AS_TOKEN}"));
    let one = format!("/admin/clients/{}", client["client_id"].as_str().unwrap());
    let looked_up = format!("/as/clients/{}", client["client_id"].as_str().unwrap());
    let dry_run = Call::new("POST", "/reg?dry_run=true").header("content-type", "application/json");
    for (call, action, outcome, sent) in [
        (Call::register(good.to_string()), "register", "ok", true),
        (Call::register("{"), "register", "invalid_client_metadata", true),
        (dry_run.body("{"), "dry_run", "invalid_client_metadata", false),
        (Call::of("GET", &client), "read", "ok", false),
        (Call::of("GET", &client).without("authorization"), "read", "invalid_token", false),
        (
            Call::of("GET", &client).header("authorization", "Bearer x"),
            "read",
            "invalid_token",
            true,
        ),
        (Call::new("OPTIONS", "/reg"), "preflight", "ok", false),
        (Call::update(&client, &good), "update", "ok", true),
        (Call::new("GET", "/.well-known/openid-configuration"), "discover", "ok", false),
        (Call::new("GET", "/nothing"), "-", "invalid_request", false),
        (ask(&looked_up), "look_up", "ok", false),
        (ask(&looked_up).without("authorization"), "look_up", "invalid_token", false),
        (ask(&looked_up).header("authorization", "Bearer x"), "look_up", "invalid_token", true),
        (ask("/as/clients/AAAAAAAAAAAAAAAAAAAAAQ"), "look_up", "not_found", false),
        (admin("GET", "/admin/clients"), "admin.list_clients", "ok", true),
        (admin("GET", &one), "admin.get_client", "ok", true),
        (admin("POST", "/admin/clients/delete"), "admin.delete_clients", "invalid_request", true),
        (admin("POST", "/admin/initial-access-tokens"), "admin.mint_token", "ok", true),
        (admin("POST", &format!("{one}/disable")), "admin.disable_client", "ok", true),
    ] {
        server.store.pass(2_000);
        let answer = server.send(call);
        let event = answer.0.event.clone();
        assert_eq!((event.action, event.outcome), (action, outcome));
        assert_eq!(answer.0.is_audited(), sent, "{action} {outcome}");
    }
    server.reached.borrow_mut().push(rollcall::gate::Limit::Issuer);
    assert!(!server.register(&good).0.is_audited(), "what is over a limit could be any number");
}

#[test]
fn unlimited_refusals_are_not_sent_to_the_webhook() {
    let server = server();
    let client = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    server.reached.replace(vec![Limit::Address, Limit::Issuer, Limit::Failures]);
    for (call, status) in [
        (Call::new("POST", "/reg?dry_run=x"), 429),
        (Call::of("GET", &client).header("if-match", "\"x\""), 412),
        (Call::of("DELETE", &client).header("if-match", "\"x\""), 412),
    ] {
        let answer = server.send(call.from("192.0.2.1"));
        assert_eq!((answer.status(), answer.0.is_audited()), (status, false));
    }
}

#[test]
fn webhook_without_a_good_address_and_secret_is_rejected_by_name() {
    let secret = Value::from(SECRET);
    for (url, secret, wrong) in [
        ("http://audit.example/hook", &secret, "WEBHOOK.url is "),
        ("/hook", &secret, "WEBHOOK.url is "),
        ("", &secret, "WEBHOOK.url is "),
        ("https://audit.example/hook", &Value::Null, "WEBHOOK_SECRET is missing"),
        (
            "https://audit.example/hook",
            &json!("short"),
            "WEBHOOK_SECRET must be a string of at least 24",
        ),
        ("https://audit.example/hook", &json!("whsec_c2hvcnQ="), "WEBHOOK_SECRET must be"),
    ] {
        let error = Config::parse(with_webhook(url, secret)).unwrap_err().to_string();
        assert!(error.starts_with(wrong), "{error}");
    }
    let mut typo = with_webhook("https://audit.example/hook", &secret);
    typo.webhook = json!({"uri": "https://audit.example/hook"});
    assert_eq!(
        Config::parse(typo).unwrap_err().to_string(),
        "WEBHOOK.uri is not known here (did you mean url?)"
    );
}
