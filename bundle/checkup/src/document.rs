//! The check of a metadata document: everything that is wrong with it, for `npm run doctor -- --document URL`.

use rollcall::client::metadata_document::{
    DocumentError, DocumentProfile, read_client_url, read_document,
};
use rollcall::client::{ClientMetadata, Problem};
use rollcall::issuer::{Config, Settings};
use rollcall::vocabulary::{ClientUrl, ClientUrlRules, HostNames, Unicode};
use serde::Serialize;
use serde_json::{Value, json};

/// Read in place of a document whose URL breaks a rule, so that the rest of the document can be checked.
const STAND_IN: &str = "https://client.example/client.json";

/// The rule that compares `client_id` with the URL.
const CLIENT_ID_RULE: &str = "document_client_id";

/// What is wrong with a document and its URL.
#[derive(Serialize)]
pub(crate) struct DocumentReport {
    /// The rule that the URL breaks.
    url: Option<Problem>,
    /// Whether a server that allows queries could fetch the URL.
    can_be_fetched: bool,
    /// The outcome under the rules of each profile; empty if there is no document.
    readings: Vec<Reading>,
}

/// A document under the rules of one profile.
#[derive(Serialize)]
struct Reading {
    profile: DocumentProfile,
    problems: Vec<Problem>,
    /// How many problems are not listed.
    more: usize,
    /// The effective metadata, if the document can be used.
    metadata: Option<ClientMetadata>,
    /// The indexes of the keys whose points are still to be checked, and the points.
    points: (Vec<usize>, Value),
}

/// Checks `url`, and the document there as it arrived.
///
/// # Errors
/// If the model server cannot be set up, which only a defect could bring about.
pub(crate) fn check_document<N: HostNames + Unicode>(
    url: &str,
    document: Option<Vec<u8>>,
    names: &N,
) -> Result<DocumentReport, String> {
    let problem = read_client_url(url, ClientUrlRules::default(), names).err();
    let rules = ClientUrlRules { allow_query: true, ..ClientUrlRules::default() };
    let known = read_client_url(url, rules, names).ok();
    let can_be_fetched = known.is_some();
    let mut readings = Vec::new();
    if let Some(bytes) = document {
        for profile in [DocumentProfile::Draft, DocumentProfile::Mcp] {
            readings.push(read(known.as_ref(), &bytes, profile, names)?);
        }
    }
    Ok(DocumentReport { url: problem, can_be_fetched, readings })
}

/// Reads a document. Without a usable URL, `client_id` cannot be compared with it.
fn read<N: HostNames + Unicode>(
    url: Option<&ClientUrl>,
    bytes: &[u8],
    profile: DocumentProfile,
    names: &N,
) -> Result<Reading, String> {
    let stand_in = ClientUrl::parse(STAND_IN, ClientUrlRules::default());
    let stand_in = stand_in.map_err(|error| error.to_string())?;
    let config = model_server(names)?;
    let server = config.issuers().first().and_then(|issuer| issuer.own_profile());
    let supported = &server.ok_or("the model server has no profile")?.supported;
    let read = read_document(bytes, url.unwrap_or(&stand_in), profile, supported, &[], names);
    let (problems, more, metadata) = match read {
        Ok(metadata) => (Vec::new(), 0, Some(metadata)),
        Err(DocumentError::NotJson(problem)) => (vec![problem], 0, None),
        Err(DocumentError::Invalid(problems)) => {
            (problems.listed().to_vec(), problems.more(), None)
        }
    };
    let is_known = |problem: &Problem| url.is_some() || problem.rule.id() != CLIENT_ID_RULE;
    let problems = problems.into_iter().filter(is_known).collect();
    let points = metadata.as_ref().map(ClientMetadata::points).unwrap_or_default();
    Ok(Reading { profile, problems, more, metadata, points })
}

/// A server that supports what documents may ask for, and has no policy.
fn model_server(names: &dyn HostNames) -> Result<Config, String> {
    let vars = json!({
        "ISSUER": "https://auth.example.com",
        "METADATA": {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        },
    });
    let config = Config::check(Settings::from_vars(|name| vars[name].clone()), names);
    config.map_err(|errors| errors.to_string())
}
