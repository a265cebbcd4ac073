//! One string against the kind of its member: a whole value, or an element of a list.

use super::hidden::{self, Fault};
use super::jws::Jws;
use super::limits;
use super::rule::Rule;
use super::statement_fault::{SignatureFault, StatementFault};
use super::supported::{Supported, listed};
use super::table::Kind;
use super::value::MemberValue;
use crate::vocabulary::{Algorithm, AuthMethod, Use};

/// Whether `text` is a value of this kind, which is a method, an algorithm or a text.
pub(super) fn fits(kind: Kind, text: &str, supported: &Supported) -> bool {
    single(kind, text, supported).is_ok()
}

/// The value of a member of this kind, which is a method, an algorithm or a text.
pub(super) fn single(kind: Kind, text: &str, supported: &Supported) -> Result<MemberValue, Rule> {
    match kind {
        Kind::AuthMethod => {
            auth_method(AuthMethod::parse(text), supported).map(MemberValue::AuthMethod)
        }
        Kind::Jws { .. } | Kind::Jwe { .. } | Kind::Enc { .. } => {
            algorithm(kind, text, supported).map(MemberValue::Algorithm)
        }
        _ => judge(kind, text, supported).map(|()| MemberValue::Text(text.to_owned())),
    }
}

/// Judges an authentication method, which is `None` if it is unknown here.
pub(super) fn auth_method(
    method: Option<AuthMethod>,
    supported: &Supported,
) -> Result<AuthMethod, Rule> {
    method.filter(|method| supported.auth_methods.contains(method)).ok_or_else(|| {
        let names = supported.auth_methods.iter().map(|method| method.as_str());
        Rule::Unsupported { supported: listed(names) }
    })
}

/// Finds and judges an algorithm.
pub(super) fn algorithm(kind: Kind, text: &str, supported: &Supported) -> Result<Algorithm, Rule> {
    let algorithm = Algorithm::find(text).ok_or(Rule::Algorithm)?;
    judge_algorithm(kind, algorithm, supported).map(|()| algorithm)
}

/// Judges an algorithm by what it does, and by the server's list.
pub(super) fn judge_algorithm(
    kind: Kind,
    algorithm: Algorithm,
    supported: &Supported,
) -> Result<(), Rule> {
    let list = kind.supported_list().and_then(|list| supported.list(list));
    match (kind, algorithm.purpose) {
        (Kind::AuthSigningAlg, Use::Signature | Use::Mac) => Ok(()),
        (Kind::Jws { .. }, Use::Signature)
        | (Kind::Jwe { .. }, Use::KeyWrap)
        | (Kind::Enc { .. } | Kind::EncList, Use::Content) => published(algorithm.name, list),
        // Only an authorization server that lists it computes with client secrets.
        (Kind::Jws { .. }, Use::Mac) if supported.seals_secrets => {
            published(algorithm.name, Some(list.unwrap_or_default()))
        }
        (Kind::Jws { .. }, Use::Mac) | (Kind::Jwe { .. }, Use::SharedKeyWrap) => {
            Err(Rule::SharedKeyAlgorithm)
        }
        // Only an operator who lists it offers unsecured objects.
        (Kind::Jws { none: true, .. }, Use::Unsecured) if list.is_some() => {
            published(algorithm.name, list)
        }
        (Kind::Jws { .. } | Kind::AuthSigningAlg, Use::Unsecured) => Err(Rule::AlgorithmNone),
        _ => Err(Rule::Algorithm),
    }
}

/// Judges a text of any other kind.
pub(super) fn judge(kind: Kind, text: &str, supported: &Supported) -> Result<(), Rule> {
    match kind {
        Kind::DisplayText | Kind::DisplayTexts => match hidden::fault(text) {
            Some(Fault::Hidden(c)) => Err(Rule::DisplayText(c)),
            Some(Fault::Marks) => Err(Rule::Marks),
            Some(Fault::Blank) => Err(Rule::Empty),
            None => Ok(()),
        },
        Kind::Text | Kind::Texts => match hidden::fault(text) {
            Some(Fault::Hidden(c)) => Err(Rule::DisplayText(c)),
            _ => Ok(()),
        },
        Kind::Enum { allowed, supported: list } => {
            one_of(text, allowed)?;
            published(text, list.and_then(|list| supported.list(list)))
        }
        Kind::Enums { allowed } => one_of(text, allowed),
        Kind::SoftwareStatement => match Jws::parse(text, limits::SOFTWARE_STATEMENT) {
            Ok(_) => Ok(()),
            Err(fault) => Err(StatementFault::from(SignatureFault::from(fault)).into()),
        },
        // A list of choices may name values that this server does not know.
        _ => match text.chars().find(|c| !c.is_ascii_graphic() && *c != ' ') {
            Some(c) => Err(Rule::Opaque(c)),
            None => Ok(()),
        },
    }
}

fn published(text: &str, list: Option<&[String]>) -> Result<(), Rule> {
    match list {
        Some(list) if !list.iter().any(|value| value == text) => {
            Err(Rule::Unsupported { supported: listed(list.iter().map(String::as_str)) })
        }
        _ => Ok(()),
    }
}

fn one_of(text: &str, allowed: &'static str) -> Result<(), Rule> {
    let known = allowed.split(", ").any(|value| value == text);
    if known { Ok(()) } else { Err(Rule::Value { allowed }) }
}
