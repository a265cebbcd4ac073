//! The check-up of a discovery document: RFC 8414, OpenID Connect Discovery, and the
//! demands of MCP clients. Run at start-up over the issuer's own, and by `npm run doctor` over any.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::finding::{Finding, Severity};
use super::published::{PUBLISHED, PublishedKind};
use crate::vocabulary::{AuthMethod, WebUri};

/// Examines the document that `issuer` publishes. The worst comes first. Only a server that `seals_secrets` can register
/// `client_secret_jwt`.
#[must_use]
pub fn examine(issuer: &str, document: &Map<String, Value>, seals_secrets: bool) -> Vec<Finding> {
    let mut checkup = Checkup { issuer, document, seals_secrets, findings: Vec::new() };
    checkup.issuer();
    checkup.values();
    checkup.required();
    checkup.endpoints();
    checkup.for_public_clients();
    checkup.for_openid();
    checkup.authentication();
    let is_fatal = |finding: &Finding| finding.severity == Severity::Fatal;
    let (mut findings, warnings): (Vec<_>, Vec<_>) =
        checkup.findings.into_iter().partition(is_fatal);
    findings.extend(warnings);
    findings
}

struct Checkup<'d> {
    issuer: &'d str,
    document: &'d Map<String, Value>,
    seals_secrets: bool,
    findings: Vec<Finding>,
}

/// The findings, each with what is wrong, what breaks and how to fix it.
#[rustfmt::skip]
impl Checkup<'_> {
    fn add(&mut self, severity: Severity, member: &str, what: [&'static str; 3]) {
        let [wrong, breaks, fix] = what.map(Cow::Borrowed);
        self.findings.push(Finding { severity, member: member.to_owned(), wrong, breaks, fix });
    }

    fn fatal(&mut self, member: &str, what: [&'static str; 3]) {
        self.add(Severity::Fatal, member, what);
    }

    fn warn(&mut self, member: &str, what: [&'static str; 3]) {
        self.add(Severity::Warning, member, what);
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.document.get(name).and_then(Value::as_str)
    }

    /// Whether the list `name` has `value`; `None` where there is no list.
    fn lists(&self, name: &str, value: &str) -> Option<bool> {
        let list = self.document.get(name).and_then(Value::as_array)?;
        Some(list.iter().any(|listed| listed == value))
    }

    /// RFC 8414 §3.3: the client compares byte for byte.
    fn issuer(&mut self) {
        match self.text("issuer") {
            Some(text) if text == self.issuer => {}
            _ => self.fatal("issuer", ["is not the issuer identifier whose document this is",
                "clients compare the two byte for byte, and stop if they differ (RFC 8414 section 3.3)",
                "Publish the issuer exactly as it is in the server's tokens"]),
        }
        if self.issuer.ends_with('/') {
            self.warn("issuer", ["ends with a slash",
                "clients that parse the URL may drop the slash, and then the issuers differ",
                "Use an issuer without the slash, if the tokens can have that issuer too"]);
        }
    }

    /// Every member must have a type that clients can read, and a value.
    fn values(&mut self) {
        let document = self.document;
        for (name, value) in document {
            let known = PUBLISHED.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
            if value.is_null() || value == "" {
                self.fatal(name, ["is null or empty",
                    "the parsers of the MCP SDKs and of oauth4webapi reject the whole document",
                    "Leave the member out"]);
            } else if known.is_some_and(|kind| !kind.has_shape(value)) {
                self.fatal(name, ["has another type than its specification says",
                    "strict parsers reject the whole document",
                    "Use the type of RFC 8414, or of the member's own specification"]);
            }
        }
    }

    /// RFC 8414 §2, and what every parser asks for.
    fn required(&mut self) {
        let grants = |name| self.lists("grant_types_supported", name);
        // Without the list it is authorization_code and implicit.
        let redirects =
            grants("authorization_code") != Some(false) || grants("implicit") == Some(true);
        if redirects && self.text("authorization_endpoint").is_none() {
            self.fatal("authorization_endpoint", ["is missing",
                "the grant types authorization_code and implicit need it, and every parser requires it",
                "Publish the URL where users log in, or set UPSTREAM_METADATA to a document that has all endpoints"]);
        }
        let only_implicit = self.document.get("grant_types_supported").is_some_and(|list| {
            list.as_array()
                .is_some_and(|list| list.len() == 1 && list.iter().all(|g| g == "implicit"))
        });
        if !only_implicit && self.text("token_endpoint").is_none() {
            self.fatal("token_endpoint", ["is missing",
                "every grant type except implicit needs it, and every parser requires it",
                "Publish the URL where tokens are issued"]);
        }
        match self.lists("response_types_supported", "code") {
            None => self.fatal("response_types_supported", ["is missing",
                "it is required (RFC 8414 section 2), and parsers reject the document without it",
                "Publish [\"code\"]"]),
            Some(false) if redirects => self.warn("response_types_supported", ["lacks code",
                "MCP clients use only the authorization code flow",
                "Offer the response type code"]),
            Some(_) => {}
        }
        if self.text("registration_endpoint").is_none() {
            self.warn("registration_endpoint", ["is missing",
                "only clients that were registered by hand can use this server",
                "Publish Rollcall's document instead, with UPSTREAM_METADATA set to the server's own document"]);
        }
    }

    /// The endpoints that get codes, secrets and users: absolute https URLs on the issuer's own site.
    fn endpoints(&mut self) {
        let home = WebUri::parse(self.issuer).ok().map(|uri| uri.host().site());
        let document = self.document;
        for (name, kind) in PUBLISHED {
            let endpoint = kind == PublishedKind::Endpoint || name == "registration_endpoint";
            let Some(text) = document.get(name).and_then(Value::as_str).filter(|_| endpoint) else {
                continue;
            };
            self.endpoint(name, text, home.as_deref());
        }
        let aliases = document.get("mtls_endpoint_aliases").and_then(Value::as_object);
        for (name, url) in aliases.into_iter().flatten() {
            let member = format!("mtls_endpoint_aliases.{name}");
            self.endpoint(&member, url.as_str().unwrap_or_default(), home.as_deref());
        }
    }

    fn endpoint(&mut self, name: &str, text: &str, home: Option<&str>) {
        let Some(uri) = WebUri::parse(text).ok().filter(|uri| !uri.has_fragment()) else {
            return self.fatal(name, ["is not an absolute URL without a fragment",
                "clients cannot call it",
                "Publish the complete https URL"]);
        };
        if !uri.is_https() && !uri.host().is_loopback() {
            self.fatal(name, ["is not https",
                "clients reject it, and an eavesdropper could read codes and secrets",
                "Publish an https URL"]);
        }
        if Some(&*uri.host().site()) != home {
            self.warn(name, ["is on another site than the issuer",
                "a forged document looks like this too, so careful clients stop",
                "Check that the host is yours. If possible, use one site for all endpoints"]);
        }
    }

    /// Clients without a secret: browser apps, native apps, MCP clients.
    fn for_public_clients(&mut self) {
        if self.lists("code_challenge_methods_supported", "S256") != Some(true) {
            self.warn("code_challenge_methods_supported", ["lacks S256",
                "MCP clients, such as the Go and C# SDKs, reject a server without PKCE",
                "Publish [\"S256\"] if the server checks code challenges"]);
        }
        if self.lists("code_challenge_methods_supported", "plain") == Some(true) {
            self.warn("code_challenge_methods_supported", ["offers plain",
                "an attacker who reads the authorization request can redeem its code (RFC 9700 section 2.1.1)",
                "Offer only S256"]);
        }
        if self.lists("token_endpoint_auth_methods_supported", "none") != Some(true) {
            self.warn("token_endpoint_auth_methods_supported", ["lacks none",
                "browser apps and native apps cannot keep a secret, and cannot register as public clients",
                "Offer none if the server accepts public clients"]);
        }
        let documents = "client_id_metadata_document_supported";
        let announced = self.document.get(documents) == Some(&Value::Bool(true));
        if announced && self.lists("token_endpoint_auth_methods_supported", "none") != Some(true) {
            self.warn(
                documents,
                [
                    "is true, but token_endpoint_auth_methods_supported lacks none",
                    "hosted MCP clients then neither use their metadata document nor register",
                    "List none, or take the flag out",
                ],
            );
        }
        if self.lists("grant_types_supported", "authorization_code") == Some(false) {
            self.warn("grant_types_supported", ["lacks authorization_code",
                "MCP clients use only this grant to act for users",
                "Offer authorization_code"]);
        }
        if self.document.get("authorization_response_iss_parameter_supported")
            != Some(&Value::Bool(true))
        {
            self.warn("authorization_response_iss_parameter_supported", ["is not true",
                "clients of several servers cannot tell which server sent a response (RFC 9207)",
                "Publish true if the server sends iss in its authorization responses"]);
        }
    }

    /// OpenID Connect Discovery 1.0 §3: all of it, or a 404.
    fn for_openid(&mut self) {
        let lists_openid = self.lists("scopes_supported", "openid") == Some(true);
        let has = |name: &str| self.document.contains_key(name);
        let started = lists_openid || has("subject_types_supported") || has("userinfo_endpoint");
        if !started {
            return;
        }
        for name in ["jwks_uri", "subject_types_supported", "id_token_signing_alg_values_supported"]
        {
            if !self.document.contains_key(name) {
                self.warn(name, ["is missing although other members are for OpenID Connect",
                    "OpenID Connect clients need it; without it, openid-configuration is 404",
                    "Publish it, or remove openid from scopes_supported"]);
            }
        }
        if self.lists("id_token_signing_alg_values_supported", "RS256") == Some(false) {
            self.warn("id_token_signing_alg_values_supported", ["lacks RS256",
                "OpenID Connect Discovery requires it; if METADATA lacks it, openid-configuration is 404",
                "Offer RS256 too"]);
        }
    }

    /// RFC 8414 §2: methods that sign need to say with what.
    fn authentication(&mut self) {
        let methods = "token_endpoint_auth_methods_supported";
        let algorithms = "token_endpoint_auth_signing_alg_values_supported";
        let signs = ["private_key_jwt", "client_secret_jwt"]
            .iter()
            .any(|method| self.lists(methods, method) == Some(true));
        if signs && !self.document.contains_key(algorithms) {
            self.warn(algorithms, ["is missing",
                "it is required with private_key_jwt and client_secret_jwt (RFC 8414 section 2)",
                "Publish the algorithms that the token endpoint can verify"]);
        }
        if self.lists(algorithms, "none") == Some(true) {
            self.warn(algorithms, ["lists none", "none must not be used there (RFC 8414 section 2)", "Remove none"]);
        }
        let offered = self.document.get(methods).and_then(Value::as_array);
        let can_be_registered = |method: AuthMethod| self.seals_secrets || !method.needs_plain_secret();
        let unknown = offered.is_some_and(|list| {
            let known = |method: &Value| method.as_str().and_then(AuthMethod::parse);
            list.iter().any(|method| !known(method).is_some_and(can_be_registered))
        });
        if unknown {
            self.warn(methods, ["lists a method that cannot be registered here",
                "a client that asks for that method is rejected, with the list of methods that can be registered",
                "Nothing, if few clients need that method"]);
        }
    }
}
