//! The reference of settings and the example of all of them, `wrangler.toml`, held to the parser.

use std::collections::BTreeSet;
use std::fs;

use rollcall::gate::Limit;
use rollcall::issuer::reference::{
    BINDINGS, BOOKS_BINDING, RECORDS_BINDING, SECRETS, Setting, TABLE_SETTINGS, VARIABLES,
};
use rollcall::issuer::{Config, Settings};
use rollcall_support::pages::root;
use rollcall_support::policy_settings;
use serde_json::{Map, Value, json};

fn file(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

fn id_key() -> String {
    format!("1:{}", "A".repeat(43))
}

/// The variables of a sound deployment.
fn sound() -> Value {
    json!({
        "ISSUER": "https://auth.example.com",
        "METADATA": {"authorization_endpoint": "/authorize", "token_endpoint": "/token"},
        "WEBHOOK_SECRET": "-".repeat(24),
        "ID_KEY": id_key(),
        "SHARED_ID_KEY": "A".repeat(43),
    })
}

/// The outcome of a sound deployment with `name` set to `value`.
fn with(name: &str, value: &Value) -> Result<String, String> {
    let mut vars = sound();
    match name.split_once('.') {
        Some((table, member)) => vars[table] = json!({member: value}),
        None => vars[name] = value.clone(),
    }
    parse(&vars).map(|config| format!("{config:?}"))
}

fn parse(vars: &Value) -> Result<Config, String> {
    Config::parse(Settings::from_vars(|name| vars[name].clone())).map_err(|why| why.to_string())
}

#[test]
fn reference_lists_every_setting_and_no_other() {
    let asked = std::cell::RefCell::new(BTreeSet::new());
    Settings::from_vars(|name| {
        assert!(asked.borrow_mut().insert(name.to_owned()), "{name} is asked for twice");
        Value::Null
    });
    let listed = VARIABLES.iter().chain(&SECRETS).map(|setting| setting.name.to_owned());
    assert_eq!(asked.take(), listed.collect());
    let names: BTreeSet<&str> = VARIABLES.iter().map(|setting| setting.name).collect();
    assert_eq!(BTreeSet::from(Settings::NAMES), names, "the check-up warns of the others");
}

#[test]
fn whatever_is_no_value_is_rejected_with_what_the_reference_says() {
    let variables = VARIABLES.iter().map(|setting| (setting, json!([setting.name])));
    // A list would be examined entry by entry.
    let members = TABLE_SETTINGS.iter().map(|setting| (setting, json!({"of": setting.name})));
    for (Setting { name, expected, .. }, wrong) in variables.chain(members) {
        assert_eq!(
            with(name, &wrong).unwrap_err(),
            // An identifier is a text, whatever it is.
            match *name {
                "ISSUER" => format!("ISSUER is {:?}, but must be {expected}", wrong.to_string()),
                _ => format!("{name} is {wrong}, but must be {expected}"),
            }
        );
    }
    for Setting { name, expected, .. } in &SECRETS {
        for wrong in [json!("too short"), json!(7)] {
            assert_eq!(with(name, &wrong).unwrap_err(), format!("{name} must be {expected}"));
        }
    }
    for table in [
        "DISCOVERY",
        "REGISTRATION",
        "SOFTWARE_STATEMENTS",
        "LIMITS",
        "DOCUMENTS",
        "AS",
        "WEBHOOK",
        "POLICY",
        "METADATA",
    ] {
        let why = with(&format!("{table}.misspelt"), &json!(1)).unwrap_err();
        assert!(why.starts_with(&format!("{table}.misspelt is not known here")), "{why}");
    }
}

#[test]
fn bounds_of_the_reference_are_those_of_the_parser() {
    let mut bounded = 0;
    for Setting { name, expected, .. } in &TABLE_SETTINGS {
        let Some((_, range)) = expected.split_once("whole seconds from ") else { continue };
        let (least, most) = range.split_once(" to ").unwrap();
        let (least, most): (i64, i64) = (least.parse().unwrap(), most.parse().unwrap());
        let zero = expected.starts_with("0 (for ever)").then_some(0);
        for good in [least, most].into_iter().chain(zero) {
            with(name, &good.into()).unwrap();
        }
        for bad in [json!(least - 1), json!(most + 1), json!(-1), json!(1e9), json!("3600")] {
            let why = format!("{name} is {bad}, but must be {expected}");
            assert_eq!(with(name, &bad).unwrap_err(), why);
        }
        bounded += 1;
    }
    assert_eq!(bounded, 10);
}

#[test]
fn setting_to_its_default_changes_nothing() {
    let mut values = 0;
    for Setting { name, default, .. } in VARIABLES.iter().chain(&TABLE_SETTINGS) {
        let between = default.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
        let Some(text) = between.filter(|text| !text.contains('`')) else { continue };
        let value: Map<String, Value> = toml::from_str(&format!("value = {text}")).unwrap();
        let without = parse(&sound()).map(|config| format!("{config:?}"));
        assert_eq!(with(name, &value["value"]), without, "{name} = {text}");
        values += 1;
    }
    assert_eq!(values, 37);
}

#[test]
fn empty_text_is_as_good_as_none() {
    for setting in VARIABLES[..2].iter().chain(&SECRETS) {
        let empty = with(setting.name, &json!(""));
        assert_eq!(empty, with(setting.name, &Value::Null), "{}", setting.name);
        empty.unwrap();
    }
}

/// `wrangler.toml` as it is, or with all that is switched off in it switched on.
fn wrangler(all: bool) -> Value {
    let text = file("wrangler.toml");
    let on = |line: &str| match line.strip_prefix('#') {
        Some(setting) if all && !setting.starts_with([' ', '#']) => format!("{setting}\n"),
        _ => format!("{line}\n"),
    };
    toml::from_str(&text.lines().map(on).collect::<String>()).unwrap()
}

/// With a cache for all versions, a changed configuration would not show before its documents expire.
#[test]
fn every_configuration_of_rollcall_enables_the_cache_of_one_version() {
    for name in ["wrangler.toml", "examples/worker-as/rollcall.toml"] {
        let settings: Value = toml::from_str(&file(name)).unwrap();
        assert_eq!(settings["cache"], json!({"enabled": true}), "{name}");
    }
}

#[test]
fn wrangler_toml_shows_every_setting_and_no_other() {
    /// The variables that are no tables of settings.
    const OTHERS: [&str; 6] =
        ["ISSUER", "UPSTREAM_METADATA", "ISSUERS", "METADATA", "ID_KEY_REQUIRED", "DOCUMENT_BASE"];
    let shown = wrangler(true);
    let names = |table: &Value| table.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut expected: BTreeSet<String> = VARIABLES.iter().map(|row| row.name.into()).collect();
    assert_eq!(names(&shown["vars"]).into_iter().collect::<BTreeSet<_>>(), expected);
    expected.retain(|name| !OTHERS.contains(&&**name));
    let mut members: BTreeSet<String> = TABLE_SETTINGS.iter().map(|row| row.name.into()).collect();
    members.extend(policy_settings().iter().map(|(name, _)| format!("POLICY.{name}")));
    let mut found = BTreeSet::new();
    for table in expected.iter().filter(|table| **table != "ANONYMOUS_POLICY") {
        found.extend(names(&shown["vars"][table]).iter().map(|name| format!("{table}.{name}")));
    }
    assert_eq!(found, members);
    let text = file("wrangler.toml");
    for Setting { name, .. } in &SECRETS {
        assert!(text.contains(&format!("#   {name} ")), "{name}");
    }
    let of = |list: &Value, key: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|row| row[key].as_str().unwrap().into()).collect()
    };
    let mut bound = of(&shown["kv_namespaces"], "binding");
    bound.extend(of(&shown["durable_objects"]["bindings"], "name"));
    bound.extend(of(&shown["ratelimits"], "name"));
    assert_eq!(bound, BINDINGS.map(|row| row.name));
}

/// From this table, the doctor of the npm package tells an operator which settings an upgrade brings.
#[test]
fn list_of_settings_by_version_leads_to_the_settings_of_today() {
    let versions: Value = serde_json::from_str(&file("scripts/settings.json")).unwrap();
    let mut listed = BTreeSet::new();
    for change in versions.as_object().unwrap().values() {
        let text = |name: &Value| name.as_str().unwrap().to_owned();
        for (former, name) in change["renamed"].as_object().unwrap() {
            assert!(listed.remove(former) && listed.insert(text(name)), "{former} to {name}");
        }
        for name in change["gone"].as_array().unwrap() {
            assert!(listed.remove(&text(name)), "{name} was never there");
        }
        for name in change["new"].as_array().unwrap() {
            assert!(listed.insert(text(name)), "{name} was there before");
        }
    }
    let rows = VARIABLES.iter().chain(&TABLE_SETTINGS).chain(&SECRETS).chain(&BINDINGS);
    let mut known: BTreeSet<String> = rows.map(|row| row.name.into()).collect();
    known.extend(policy_settings().iter().map(|(name, _)| format!("POLICY.{name}")));
    let missing: Vec<_> = known.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "scripts/settings.json: add to `new` under `unreleased`: {missing:?}"
    );
    assert!(gone.is_empty(), "scripts/settings.json: add to `gone` under `unreleased`: {gone:?}");
}

#[test]
fn bindings_of_the_reference_are_those_that_the_edge_uses() {
    let limits = Limit::BINDINGS.map(|(limit, binding)| {
        assert_eq!(limit.binding(), binding);
        binding
    });
    let used: Vec<&str> = [RECORDS_BINDING, BOOKS_BINDING].into_iter().chain(limits).collect();
    assert_eq!(used, BINDINGS.map(|row| row.name));
}

#[test]
fn wrangler_toml_is_a_configuration_as_shipped_and_with_everything_switched_on() {
    let shipped = parse(&wrangler(false)["vars"]).unwrap();
    assert!(shipped.issuers().is_empty(), "nobody is deployed under our name");

    let mut vars = wrangler(true)["vars"].clone();
    vars["WEBHOOK_SECRET"] = "-".repeat(24).into();
    // Only an issuer on localhost may have this.
    let documents = vars["DOCUMENTS"].as_object_mut().unwrap();
    assert_eq!(documents.remove("allow_loopback"), Some(Value::Bool(true)));
    vars["ID_KEY"] = id_key().into();
    vars["SHARED_ID_KEY"] = "A".repeat(43).into();
    // Each of several issuers needs its own.
    let base = vars["DOCUMENT_BASE"].take();
    let registration = vars["REGISTRATION"].clone();
    vars["REGISTRATION"].as_object_mut().unwrap().remove("mtls_base").unwrap();
    let several = parse(&vars).unwrap();
    assert_eq!(several.issuers().len(), 2);
    vars["ISSUERS"] = Value::Null;
    vars["DOCUMENT_BASE"] = base;
    vars["REGISTRATION"] = registration;
    vars["ISSUER"] = "https://auth.example.com".into();
    let one = parse(&vars).unwrap();
    assert!(one.issuers()[0].own_profile().is_some() && one.webhook.is_some());
    vars["UPSTREAM_METADATA"] = "https://auth.example.com/.well-known/openid-configuration".into();
    assert!(parse(&vars).unwrap().issuers()[0].upstream_url().is_some());

    let staging = wrangler(true)["env"]["staging"]["vars"].clone();
    assert_eq!(parse(&staging).unwrap().issuers().len(), 1);
}

#[test]
fn deploy_button_asks_for_nothing_that_is_not_explained_and_offers_no_secret() {
    let mut asked: BTreeSet<String> = BINDINGS[..2].iter().map(|row| row.name.into()).collect();
    let vars = wrangler(false)["vars"].as_object().unwrap().clone();
    asked.extend(vars.into_iter().filter(|(_, value)| value.is_string()).map(|(name, _)| name));
    let mut secrets = Vec::new();
    for line in file(".dev.vars.example").lines().filter(|line| !line.starts_with('#')) {
        // The secret behind it would be public.
        secrets.push(line.strip_suffix('=').unwrap().to_owned());
    }
    assert_eq!(secrets, SECRETS.map(|row| row.name));
    asked.extend(secrets);
    let package: Value = serde_json::from_str(&file("package.json")).unwrap();
    let explained = package["cloudflare"]["bindings"].as_object().unwrap();
    assert_eq!(explained.keys().cloned().collect::<BTreeSet<_>>(), asked);
}
