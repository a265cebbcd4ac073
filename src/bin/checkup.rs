//! The check-up of a configuration or of a discovery document, for `npm run doctor`: JSON in, JSON out.
//!
//! In: `{"vars": {…}}`, the variables of a Worker, beside it perhaps `"upstreams"`, the text that each URL
//! of an `UPSTREAM_METADATA` answered; or `{"issuer": "…", "document": {…}}`. Out: for each issuer its
//! identifier, the URL of its upstream document if it has one, and the findings.

use std::io;

use rollcall::service::checkup::{Finding, Severity, examine};
use rollcall::service::{Config, Issuer, Settings};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Report {
    issuer: String,
    upstream: Option<String>,
    findings: Vec<Finding>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let input: Map<String, Value> = serde_json::from_reader(io::stdin())?;
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let reports = match (input.get("vars"), input.get("document").and_then(Value::as_object)) {
        (Some(vars), _) => configuration(vars, input.get("upstreams").unwrap_or(&Value::Null)),
        (None, Some(document)) => {
            let findings = examine(&text("issuer"), document);
            vec![Report { issuer: text("issuer"), upstream: None, findings }]
        }
        (None, None) => return Err("there are neither vars nor a document".into()),
    };
    println!("{}", serde_json::to_string(&reports)?);
    Ok(())
}

fn configuration(vars: &Value, upstreams: &Value) -> Vec<Report> {
    let mut reports = issuers(vars, upstreams);
    let unknown = vars.as_object().into_iter().flatten().map(|(name, _)| name);
    let unknown = unknown.filter(|name| !Settings::NAMES.contains(&name.as_str()));
    let findings: Vec<Finding> = unknown
        .map(|name| Finding {
            severity: Severity::Warning,
            member: name.clone(),
            wrong: "is a variable that Rollcall does not know",
            breaks: "nothing, unless it is another one misspelt",
            mend: "Correct it, or take it out",
        })
        .collect();
    if !findings.is_empty() {
        reports.push(Report { issuer: String::new(), upstream: None, findings });
    }
    reports
}

fn issuers(vars: &Value, upstreams: &Value) -> Vec<Report> {
    // Secrets are not in the configuration; whether they are set shows at the first request.
    let secret = |name: &str| (name == "WEBHOOK_SECRET").then(|| "-".repeat(32).into());
    let variable = |name: &str| secret(name).unwrap_or_else(|| vars[name].clone());
    match Config::parse(Settings::from_vars(variable)) {
        Ok(config) if config.issuers().is_empty() => {
            let breaks =
                "this serves a developer's machine; deployed, it answers every request with 500";
            let mend = "Set ISSUER to the exact issuer of the authorization server's tokens";
            let findings = vec![fatal("ISSUER is not set".into(), breaks, mend)];
            vec![Report { issuer: String::new(), upstream: None, findings }]
        }
        Ok(config) => config.issuers().iter().map(|issuer| report(issuer, upstreams)).collect(),
        Err(error) => {
            let breaks = "the Worker answers every request with 500";
            let findings = vec![fatal(error.to_string(), breaks, "Mend it in wrangler.toml")];
            vec![Report { issuer: String::new(), upstream: None, findings }]
        }
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
            vec![fatal(error.to_string(), breaks, "Mend the document, or UPSTREAM_METADATA")]
        }
        (None, own) => own.map(|profile| profile.findings.clone()).unwrap_or_default(),
    };
    let mut findings = findings;
    if issuer.identifier().starts_with("http:") {
        let breaks = "nobody but this machine can reach it";
        findings.insert(
            0,
            fatal(
                "the issuer is on a loopback host".into(),
                breaks,
                "Set the issuer that is to be deployed",
            ),
        );
    }
    Report { issuer: issuer.identifier().to_owned(), upstream, findings }
}

fn fatal(member: String, breaks: &'static str, mend: &'static str) -> Finding {
    Finding { severity: Severity::Fatal, member, wrong: "", breaks, mend }
}
