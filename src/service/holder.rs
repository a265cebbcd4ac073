//! The holder of a registration access token, who may manage a registration (RFC 7592 §2).

use std::net::IpAddr;

use super::Error;
use crate::client::{Record, Standing};
use crate::gate::GateError;
use crate::issuer::Issuer;
use crate::vocabulary::{ClientCertificate, ClientId, Preconditions, RegistrationToken};

/// A caller that claims to hold a client's registration access token.
pub struct RegistrationHolder<'c> {
    /// The client identifier, as it stands in the path.
    pub client_id: &'c str,
    /// The token, if there is one.
    pub token: Option<RegistrationToken>,
    /// In which state the registration has to be for the request to be done.
    pub preconditions: Preconditions,
    /// The address that the request came from, if the runtime says.
    pub address: Option<IpAddr>,
    /// The client certificate of the request, if there is one.
    pub certificate: Option<ClientCertificate>,
}

impl RegistrationHolder<'_> {
    /// The token that was presented. Without one, no body is read.
    ///
    /// # Errors
    /// [`Error::NoToken`]
    pub fn require_token(&self) -> Result<&RegistrationToken, Error> {
        self.token.as_ref().ok_or(Error::NoToken)
    }

    /// The client identifier. One that `issuer` cannot have issued, like a token without the right form, costs no
    /// read.
    ///
    /// # Errors
    /// [`Error::NoToken`], [`Error::BadToken`]
    pub(super) fn client_id(&self, issuer: &Issuer) -> Result<ClientId, Error> {
        let is_plausible = self.require_token()?.is_plausible();
        let client_id = issuer.client_ids.parse(self.client_id);
        client_id.filter(|_| is_plausible).ok_or(Error::BadToken)
    }

    /// The token, and what it is to the registration that `record` holds.
    ///
    /// # Errors
    /// [`Error::NoToken`]; [`Error::BadToken`] for a token of another client, or one that has ended;
    /// [`Error::Disabled`]; [`GateError::Certificate`] for a client that is bound to another certificate
    pub(super) fn authenticate(
        &self,
        record: &Record,
    ) -> Result<(&RegistrationToken, Standing), Error> {
        let token = self.require_token()?;
        let standing = record.token_standing(token).ok_or(Error::BadToken)?;
        if record.disabled_at.is_some() {
            return Err(Error::Disabled);
        }
        let certificate = record.provenance.check_certificate(self.certificate.as_ref());
        certificate.map_err(GateError::from)?;
        Ok((token, standing))
    }
}
