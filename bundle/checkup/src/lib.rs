//! The checks of `npm run doctor` as a WebAssembly module for Node: JSON in, JSON out. It is apart from the Worker's module,
//! so the released bundle contains nothing of it. `scripts/lib/checkup.mjs` loads it.
//!
//! In: `{"vars": {…}}`, the variables of a Worker, with an optional `"upstreams"`: the text behind each URL of an
//! `UPSTREAM_METADATA`. Or `{"issuer": "…", "document": {…}}`. Out: for each issuer its identifier, the URL of its upstream
//! document if it has one, whether Cloudflare's cache may store its documents, the findings, and what model clients get.
//!
//! A metadata document has a function of its own, because it comes as bytes.

mod document;

use std::borrow::Cow;

use js_sys::Function;
use rollcall::client::Reason;
use rollcall::issuer::checkup::examine;
use rollcall::issuer::finding::{Finding, Severity};
use rollcall::issuer::reference::SECRETS;
use rollcall::issuer::{Config, ConfigError, ConfigErrors, Issuer, Settings, Trial};
use rollcall::vocabulary::{HostNames, Unicode, nearest};
use serde::Serialize;
use serde_json::{Map, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[derive(Serialize)]
struct Report {
    issuer: String,
    upstream: Option<String>,
    /// Whether Cloudflare's cache may store its documents.
    cacheable: bool,
    findings: Vec<Finding>,
    /// The outcome for each model client.
    trials: Vec<Trial>,
}

impl Report {
    /// Findings that are not about one issuer.
    fn of(findings: Vec<Finding>) -> Self {
        Self {
            issuer: String::new(),
            upstream: None,
            cacheable: false,
            findings,
            trials: Vec::new(),
        }
    }
}

/// Node's reading of host names: a function that takes a name and returns whether `new URL()` leaves it unchanged.
struct NodeNames<'f>(&'f Function);

impl HostNames for NodeNames<'_> {
    fn is_unchanged(&self, name: &str) -> bool {
        let answer = self.0.call1(&JsValue::UNDEFINED, &JsValue::from_str(name));
        answer.is_ok_and(|answer| answer.is_truthy())
    }
}

/// Node's reading of host names and letters: the second function returns the NFKD form of a text.
struct NodeUnicode<'f>(NodeNames<'f>, &'f Function);

impl HostNames for NodeUnicode<'_> {
    fn is_unchanged(&self, name: &str) -> bool {
        self.0.is_unchanged(name)
    }
}

impl Unicode for NodeUnicode<'_> {
    fn decompose(&self, text: &str) -> String {
        let answer = self.1.call1(&JsValue::UNDEFINED, &JsValue::from_str(text));
        answer.ok().and_then(|text| text.as_string()).unwrap_or_default()
    }
}

/// Checks a metadata document as it arrived, and its `url`; or only the URL. Returns a [`document::DocumentReport`] as
/// JSON. `decompose` returns the NFKD form of a text; `is_unchanged` is that of [`checkup`].
///
/// # Errors
/// If the check cannot run, which only a defect could bring about.
#[wasm_bindgen(js_name = checkDocument)]
pub fn check_document(
    url: &str,
    document: Option<Vec<u8>>,
    is_unchanged: &Function,
    decompose: &Function,
) -> Result<String, String> {
    let names = NodeUnicode(NodeNames(is_unchanged), decompose);
    let report = document::check_document(url, document, &names)?;
    serde_json::to_string(&report).map_err(|error| error.to_string())
}

/// Checks what the JSON text `input` holds, and returns the reports as JSON. `is_unchanged` takes the name of a host and
/// returns whether it stays the same in a URL.
///
/// # Errors
/// A sentence, where `input` is not of the form that is described at the top.
#[wasm_bindgen]
pub fn checkup(input: &str, is_unchanged: &Function) -> Result<String, String> {
    let input: Map<String, Value> = serde_json::from_str(input).map_err(|e| e.to_string())?;
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let reports = match (input.get("vars"), input.get("document").and_then(Value::as_object)) {
        (Some(vars), _) => {
            let upstreams = input.get("upstreams").unwrap_or(&Value::Null);
            configuration(vars, upstreams, &NodeNames(is_unchanged))
        }
        (None, Some(document)) => {
            let findings = examine(&text("issuer"), document, false);
            vec![Report { issuer: text("issuer"), ..Report::of(findings) }]
        }
        (None, None) => return Err("There must be `vars` or a `document`".to_owned()),
    };
    serde_json::to_string(&reports).map_err(|error| error.to_string())
}

fn configuration(vars: &Value, upstreams: &Value, names: &dyn HostNames) -> Vec<Report> {
    let mut reports = issuers(vars, upstreams, names);
    let unknown = vars.as_object().into_iter().flatten().map(|(name, _)| name);
    let unknown =
        unknown.filter(|name| !Settings::NAMES.contains(&name.as_str()) && !is_secret(name));
    let replacement = |name: &str| match nearest(name, Settings::NAMES) {
        Some(meant) => format!("Did you mean {meant}?"),
        None => format!("Take it out, or correct it: there is {}", Settings::NAMES.join(", ")),
    };
    let findings: Vec<Finding> = unknown
        .map(|name| Finding {
            severity: Severity::Warning,
            member: name.clone(),
            wrong: "is a variable that Rollcall does not know".into(),
            breaks: "what it was meant to set is not set".into(),
            fix: replacement(name).into(),
        })
        .collect();
    if !findings.is_empty() {
        reports.push(Report::of(findings));
    }
    reports
}

fn is_secret(name: &str) -> bool {
    SECRETS.iter().any(|secret| secret.name == name)
}

/// A secret with the format of its kind.
fn key_ring() -> Value {
    format!("1:{}", "A".repeat(43)).into()
}

fn issuers(vars: &Value, upstreams: &Value, names: &dyn HostNames) -> Vec<Report> {
    // Secrets are not in the configuration, or should not be; whether they are set shows at the first request.
    let variable = |name: &str| match name {
        "WEBHOOK_SECRET" => "-".repeat(32).into(),
        "ID_KEY" => key_ring(),
        // An operator who offers this method has the key.
        "SEALING_KEY" if vars.to_string().contains("\"client_secret_jwt\"") => key_ring(),
        "SHARED_ID_KEY" => "A".repeat(43).into(),
        _ if is_secret(name) => Value::Null,
        _ => vars[name].clone(),
    };
    match Config::check(Settings::from_vars(variable), names) {
        Ok(config) if config.issuers().is_empty() => {
            let breaks =
                "this serves a developer's machine; deployed, it answers every request with 500";
            let fix = "Set ISSUER to the exact issuer of the authorization server's tokens";
            vec![Report::of(vec![fatal("ISSUER is not set".into(), breaks, fix)])]
        }
        Ok(config) => {
            let cacheable = config.is_on_one_host;
            let reports = config.issuers().iter().map(|issuer| report(issuer, upstreams));
            reports.map(|report| Report { cacheable, ..report }).collect()
        }
        Err(errors) => {
            let breaks = "the Worker answers every request with 500";
            let findings = errors.iter().map(|error| fatal(error.to_string(), breaks, fix(error)));
            let mut findings: Vec<Finding> = findings.collect();
            // The other settings are checked too, so that all problems are reported at once.
            let rest = without_mistakes(vars, &errors);
            let others = rest.map(|vars| issuers(&vars, upstreams, names)).unwrap_or_default();
            for other in others.into_iter().flat_map(|report| report.findings) {
                if findings.iter().all(|known| known.to_string() != other.to_string()) {
                    findings.push(other);
                }
            }
            vec![Report::of(findings)]
        }
    }
}

/// The variables without unknown names and without wrong settings of policies; `None` if the errors are about other settings.
/// A wrong value of another setting stays: without it, a setting that needs it would be reported as well.
fn without_mistakes(vars: &Value, errors: &ConfigErrors) -> Option<Value> {
    let mut rest = vars.clone();
    let mut has_changed = false;
    for error in errors.iter() {
        let ConfigError::Setting(mistake) = error else { continue };
        let Some((table, member)) = mistake.path.split_once('.') else { continue };
        let is_of_policy = ["POLICY", "ANONYMOUS_POLICY"].contains(&table);
        if !is_of_policy && !matches!(mistake.reason, Reason::Unknown(_)) {
            continue;
        }
        let name = member.split(['.', '[']).next().unwrap_or(member);
        let members = rest.get_mut(table).and_then(Value::as_object_mut);
        has_changed |= members.is_some_and(|members| members.remove(name).is_some());
    }
    has_changed.then_some(rest)
}

/// How to fix a setting.
fn fix(error: &ConfigError) -> Cow<'static, str> {
    match error {
        ConfigError::At { error, .. } => fix(error),
        ConfigError::Unfit(finding) => finding.fix.clone(),
        _ => "Correct it in wrangler.toml".into(),
    }
}

fn report(issuer: &Issuer, upstreams: &Value) -> Report {
    let upstream = issuer.upstream_url().map(str::to_owned);
    let document = upstream.as_ref().and_then(|url| upstreams[url].as_str());
    let findings = match (document.and_then(|text| issuer.profile_with(text)), issuer.own_profile())
    {
        (Some(Ok(profile)), _) => profile.findings,
        (Some(Err(error)), _) => {
            let breaks = "nothing can be discovered or registered until there is a good copy of it";
            vec![fatal(error.to_string(), breaks, "Correct the document, or UPSTREAM_METADATA")]
        }
        (None, own) => own.map(|profile| profile.findings.clone()).unwrap_or_default(),
    };
    let mut findings = findings;
    if issuer.identifier().starts_with("http:") {
        let breaks = "only this machine can reach it";
        findings.insert(
            0,
            fatal(
                "the issuer is on a loopback host".into(),
                breaks,
                "Set the issuer that is to be deployed",
            ),
        );
    }
    let trials = trials(issuer, document);
    Report { issuer: issuer.identifier().to_owned(), upstream, trials, ..Report::of(findings) }
}

/// The outcome for each model client, if the values that the issuer supports are known.
fn trials(issuer: &Issuer, document: Option<&str>) -> Vec<Trial> {
    let upstream = document.and_then(|text| issuer.profile_with(text)).and_then(Result::ok);
    let profile = upstream.as_ref().or_else(|| issuer.own_profile().map(|own| &**own));
    profile.map(|profile| issuer.try_models(profile, &Ascii)).unwrap_or_default()
}

/// Model clients have neither hosts with `xn--` labels nor letters beyond ASCII.
struct Ascii;

impl HostNames for Ascii {
    fn is_unchanged(&self, _: &str) -> bool {
        true
    }
}

impl Unicode for Ascii {
    fn decompose(&self, text: &str) -> String {
        text.to_owned()
    }
}

fn fatal(member: String, breaks: &'static str, fix: impl Into<Cow<'static, str>>) -> Finding {
    let (wrong, breaks, fix) = ("".into(), breaks.into(), fix.into());
    Finding { severity: Severity::Fatal, member, wrong, breaks, fix }
}
