//! The document at `sector_identifier_uri`: a list of the redirect URIs of a sector (OpenID Connect Dynamic Client
//! Registration 1.0 §5). It is fetched only if the operator has set `REGISTRATION.fetch_sector_identifiers`.

use std::collections::BTreeSet;

use super::fetching::{fetch_json, is_askable};
use super::{Error, IssuerContext, Ports};
use crate::client::{ClientMetadata, Pointer, Problem, Problems, Rule};
use crate::gate::GateError;
use crate::records::Store;
use crate::vocabulary::WebUri;

/// The most bytes of the document: the longest lists of redirect URIs have as many.
const LARGEST: usize = 256 * 1024;

const MEMBER: &str = "sector_identifier_uri";

/// The state of the sector that a client names.
pub(super) enum Sector {
    /// It is not asked for, or the client names none.
    Unasked,
    /// Its redirect URIs.
    Listed(BTreeSet<String>),
    /// Its document cannot be read; the words complete "must name a document that can be read: it".
    Unreadable(String),
}

impl Sector {
    /// Reads the document at `uri`, which the client has sent. At most one request to its server.
    ///
    /// # Errors
    /// [`GateError::Limited`] if too many documents are being fetched.
    pub async fn read<S: Store, R: Ports>(
        context: &IssuerContext<'_, S, R>,
        uri: Option<&str>,
    ) -> Result<Self, Error> {
        let IssuerContext { issuer, gate, runtime, .. } = context;
        let Some(uri) = uri.filter(|_| issuer.fetches_sectors) else { return Ok(Self::Unasked) };
        // Rules between members say the rest about any other URI.
        let parsed = WebUri::parse(uri).ok().filter(WebUri::is_https);
        let Some(parsed) = parsed else { return Ok(Self::Unasked) };
        if !is_askable(issuer, &parsed) {
            return Ok(Self::Unreadable("is not on a public host of somebody else".into()));
        }
        if !gate.allows_fetch(uri, &parsed.host().to_string(), false).await {
            return Err(GateError::Limited.into());
        }
        Ok(match fetch_json(*runtime, uri, LARGEST).await {
            Ok(body) => serde_json::from_slice(&body)
                .map_or_else(|_| Self::Unreadable("is no list of texts".into()), Self::Listed),
            Err(why) => Self::Unreadable(why),
        })
    }

    /// Checks that the sector lists every redirect URI of `metadata`, by simple string comparison.
    ///
    /// # Errors
    /// A problem for each that it does not list, or one if its document cannot be read.
    pub fn check(&self, metadata: &ClientMetadata) -> Result<(), Problems> {
        let Some(uri) = metadata.sector_identifier_uri() else { return Ok(()) };
        let mut problems = Problems::default();
        match self {
            Self::Unasked => {}
            Self::Unreadable(why) => {
                let rule = Rule::SectorUnreadable { why: why.clone() };
                problems.push(Problem::new(Pointer::to(MEMBER), uri, rule));
            }
            Self::Listed(listed) => {
                for (index, redirect_uri) in metadata.redirect_uri_texts().enumerate() {
                    if !listed.contains(redirect_uri) {
                        let at = Pointer::to("redirect_uris").element(index);
                        problems.push(Problem::new(at, redirect_uri, Rule::NotInSector));
                    }
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Whether the document was read.
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Listed(_))
    }
}
