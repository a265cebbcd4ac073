//! The issuers whose software statements are trusted (RFC 7591 §2.3), and which of their statements.

use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::statement_uses::{REGISTRATION, StatementUse};
use crate::client::{
    HostPatterns, Jws, JwsHeader, Policy, RequestProfile, StatementFault, StatementOrigin,
    StatementRules, VerificationKeys,
};
use crate::vocabulary::{Algorithm, Digest};

/// How much clocks may differ, in seconds.
const SKEW: u64 = 60;
/// How long a use is kept that does not end with its statement, in seconds: a century.
const FOR_EVER: u64 = 100 * 365 * 24 * 60 * 60;

/// Which registrations need a software statement of a trusted issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// None.
    #[default]
    Never,
    /// Those without an initial access token.
    Anonymous,
    /// All.
    Always,
}

/// How many clients there can be for a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Once {
    /// Any number: one statement serves every installation.
    #[default]
    Never,
    /// One for each statement.
    Jti,
    /// One at a time for each software.
    SoftwareId,
}

/// The operator's settings of software statements. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub struct StatementSettings {
    /// Which registrations need one.
    pub require: Requirement,
    /// The issuers that are trusted.
    pub issuers: Rc<[TrustedIssuer]>,
}

/// The keys of an issuer.
#[derive(Debug, Clone)]
pub enum IssuerKeys {
    /// Those that the configuration has.
    Pinned(VerificationKeys),
    /// Those of the JWK set at this URL.
    At(String),
}

/// How requests with the statements of an issuer are signed.
#[derive(Debug, Clone)]
pub struct SignedRequests {
    /// The profile.
    pub profile: RequestProfile,
    /// The name of this server in requests; `None` for its identifier.
    pub audience: Option<String>,
    /// The hosts from which keys are fetched that a statement names; `None` for every public host.
    pub key_hosts: Option<HostPatterns>,
}

/// An issuer that is trusted.
#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    /// The claim `iss` of its statements, byte for byte.
    pub iss: String,
    /// Its keys.
    pub keys: IssuerKeys,
    /// The algorithms of its signatures.
    pub algs: Vec<Algorithm>,
    /// The `typ` of its statements besides `JWT` and none.
    pub typ: Option<String>,
    /// The audience of its statements; `None` for the identifier of this issuer, and statements without an audience.
    pub audience: Option<String>,
    /// The greatest age of a statement, in seconds; `None` for any.
    pub max_age: Option<u32>,
    /// Claims that a statement needs.
    pub required_claims: Vec<String>,
    /// Software whose statements are not used.
    pub denied_software: Vec<String>,
    /// How many clients there can be for a statement.
    pub once: Once,
    /// The profile in which requests with its statements are signed; `None` for requests in JSON.
    pub signed_requests: Option<SignedRequests>,
    /// Which claims become members.
    pub rules: StatementRules,
    /// The policy for its clients, in the place of the one for clients without an initial access token.
    pub policy: Policy,
}

impl StatementSettings {
    /// The trusted issuer of this name.
    #[must_use]
    pub fn find(&self, iss: &str) -> Option<&TrustedIssuer> {
        self.issuers.iter().find(|issuer| issuer.iss == iss)
    }

    /// Whether some issuer has a profile for signed requests.
    #[must_use]
    pub fn take_signed_requests(&self) -> bool {
        self.issuers.iter().any(|issuer| issuer.signed_requests.is_some())
    }

    /// Whether a registration needs a statement, which is `anonymous` if it has no initial access token.
    #[must_use]
    pub fn is_required(&self, anonymous: bool) -> bool {
        match self.require {
            Requirement::Never => false,
            Requirement::Anonymous => anonymous,
            Requirement::Always => true,
        }
    }
}

impl TrustedIssuer {
    /// Checks everything about a statement of this issuer but its signature, at `now` in seconds since 1970. `own` is the
    /// identifier of this server.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(
        &self,
        jws: &Jws<'_>,
        header: &JwsHeader<'_>,
        own: &str,
        now: u64,
    ) -> Result<StatementOrigin, StatementFault> {
        if !self.algs.contains(&header.algorithm) {
            let names: Vec<&str> = self.algs.iter().map(|algorithm| algorithm.name).collect();
            return Err(StatementFault::Algorithm { allowed: names.join(", ") });
        }
        self.check_type(header)?;
        let claims = &jws.claims;
        let exp = self.check_times(claims, now)?;
        self.check_audience(claims, own)?;
        for name in &self.required_claims {
            if claims.get(name).is_none_or(Value::is_null) {
                return Err(StatementFault::Claim(name.clone()));
            }
        }
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let (software_id, jti) = (text("software_id"), text("jti"));
        if software_id.as_ref().is_some_and(|id| self.denied_software.contains(id)) {
            return Err(StatementFault::DeniedSoftware);
        }
        match self.once {
            Once::Jti if jti.is_none() => return Err(StatementFault::Claim("jti".into())),
            // Its use has to be kept until nobody can use it again.
            Once::Jti if exp.is_none() && self.max_age.is_none() => {
                return Err(StatementFault::Time("exp"));
            }
            Once::SoftwareId if software_id.is_none() => {
                return Err(StatementFault::Claim("software_id".into()));
            }
            _ => {}
        }
        let jti = jti.map(|jti| Digest::of(&jti).short_name());
        Ok(StatementOrigin { iss: self.iss.clone(), software_id, jti, exp })
    }

    fn check_type(&self, header: &JwsHeader<'_>) -> Result<(), StatementFault> {
        // RFC 7515 §4.1.9: the part before a slash may be left out, and case does not matter.
        let short = |typ: &str| {
            let typ = typ.to_ascii_lowercase();
            typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ)
        };
        let own = self.typ.as_deref();
        let is_right = header.typ.is_none_or(|typ| {
            let typ = short(typ);
            typ == "jwt" || own.is_some_and(|own| short(own) == typ)
        });
        let expected = || own.map_or_else(|| "JWT".to_owned(), |own| format!("JWT or {own}"));
        is_right.then_some(()).ok_or_else(|| StatementFault::MediaType { expected: expected() })
    }

    /// Returns the time of its expiry, in seconds since 1970.
    fn check_times(
        &self,
        claims: &Map<String, Value>,
        now: u64,
    ) -> Result<Option<u64>, StatementFault> {
        let (exp, nbf, iat) = (time(claims, "exp")?, time(claims, "nbf")?, time(claims, "iat")?);
        if exp.is_some_and(|exp| exp.saturating_add(SKEW) <= now) {
            return Err(StatementFault::Expired);
        }
        let latest = now.saturating_add(SKEW);
        for (name, time) in [("nbf", nbf), ("iat", iat)] {
            if time.is_some_and(|time| time > latest) {
                return Err(StatementFault::TooEarly(name));
            }
        }
        if let Some(seconds) = self.max_age {
            let iat = iat.ok_or(StatementFault::Time("iat"))?;
            if iat.saturating_add(u64::from(seconds)).saturating_add(SKEW) < now {
                return Err(StatementFault::TooOld { seconds });
            }
        }
        Ok(exp)
    }

    /// RFC 7519 §4.1.3: a statement for somebody else is not for this server.
    fn check_audience(&self, claims: &Map<String, Value>, own: &str) -> Result<(), StatementFault> {
        let expected = self.audience.as_deref().unwrap_or(own);
        let is_right = match claims.get("aud") {
            None => self.audience.is_none(),
            Some(Value::Array(list)) => list.iter().any(|one| one == expected),
            Some(one) => one == expected,
        };
        let fault = || StatementFault::Audience { expected: expected.to_owned() };
        is_right.then_some(()).ok_or_else(fault)
    }

    /// The use that a client makes of a statement with these `claims`, at `now` in seconds since 1970; `None` if there may be
    /// any number of clients.
    #[must_use]
    pub fn use_of(&self, claims: &Map<String, Value>, now: u64) -> Option<StatementUse> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = |name| time(claims, name).ok().flatten();
        let key = |name: &'static str| {
            let parts = [name.as_bytes(), self.iss.as_bytes(), text(name).as_bytes()];
            format!("statement {}", String::from(Digest::of_parts(&parts)))
        };
        let latest = now.saturating_add(FOR_EVER);
        match self.once {
            Once::Never => None,
            Once::Jti => {
                let oldest = || Some(number("iat")?.saturating_add(self.max_age?.into()));
                let end = number("exp").or_else(oldest).unwrap_or(latest);
                // By the clock of the object, too, nobody can use it again then.
                let expires_at = end.saturating_add(2 * SKEW).min(latest);
                Some(StatementUse {
                    claim: "jti",
                    key: key("jti"),
                    expires_at,
                    is_renewable: false,
                })
            }
            Once::SoftwareId => {
                let key = key("software_id");
                let profile = self.signed_requests.as_ref().map(|signed| signed.profile);
                let is_registration = profile == Some(RequestProfile::CdrAu);
                let claim = if is_registration { REGISTRATION } else { "software_id" };
                Some(StatementUse { claim, key, expires_at: latest, is_renewable: true })
            }
        }
    }
}

/// The claim `name` as whole seconds since 1970; `None` if it is left out.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is converted to the nearest number of the type"
)]
fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<u64>, StatementFault> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    // RFC 7519 §2: a NumericDate may have a fraction.
    let number = value.as_f64().filter(|number| *number >= 0.0);
    number.map(|number| Some(number as u64)).ok_or(StatementFault::Time(name))
}
