//! The handlers of management: a client reads, replaces and deletes its registration (RFC 7592 §2).

use super::incoming::Incoming;
use super::refusal::Refusal;
use super::reply::Answer;
use super::routes::Action;
use super::{Exchange, bearer, body, preconditions};
use crate::issuer::ProfileError;
use crate::records::{RecordsError, Store, StoreError};
use crate::service::manage::{self, ReadResponse};
use crate::service::{Error, Ports, RegistrationHolder};
use crate::vocabulary::RegistrationToken;

impl<I: Incoming, S: Store, R: Ports> Exchange<'_, I, S, R> {
    pub(super) async fn manage(
        &mut self,
        action: Action,
        client_id: &str,
    ) -> Result<Answer, Refusal> {
        let managed = self.manage_as_holder(action, client_id).await;
        // If the store fails, the token is not known to be right: that counts like a wrong one.
        if let Err(refusal) = &managed
            && let Some(
                Error::BadToken
                | Error::Records(
                    RecordsError::Store(StoreError::Unavailable(_)) | RecordsError::Record(_),
                )
                | Error::Profile(ProfileError::Store(StoreError::Unavailable(_))),
            ) = refusal.error()
        {
            self.context.gate.count_failure(self.request.address).await?;
        }
        managed
    }

    async fn manage_as_holder(
        &mut self,
        action: Action,
        client_id: &str,
    ) -> Result<Answer, Refusal> {
        let token = bearer::token(&self.incoming, RegistrationToken::presented);
        let address = self.request.address;
        let preconditions = preconditions(&self.incoming);
        let certificate = self.request.certificate.clone();
        let holder = RegistrationHolder { client_id, token, preconditions, address, certificate };
        holder.require_token()?;
        let context = &self.context;
        context.gate.check_place(address)?;
        if action == Action::Update {
            context.gate.count_place(address).await?;
        } else {
            context.gate.count_read(address).await?;
        }
        if action != Action::Read {
            self.request.reject_dry_run()?;
        }
        match action {
            Action::Update => {
                let may_be_signed = context.gate.settings.statements.take_signed_requests();
                let media_type = body::check_metadata(&self.incoming, may_be_signed)?;
                // A stranger's body is not read.
                let found = manage::find(context, &holder).await?;
                let body = body::read_metadata(&mut self.incoming, media_type).await?;
                let replaced = manage::replace(context, &holder, found, &body);
                Ok(Answer::changed(replaced.await?))
            }
            Action::Delete => {
                manage::delete(context, &holder).await?;
                Ok(Answer::empty())
            }
            _ => {
                let is_get = self.request.method == "GET";
                let read = manage::read(context, &holder, is_get);
                Ok(match read.await? {
                    ReadResponse::Information(information) => Answer::information(information),
                    ReadResponse::Unmodified(version) => Answer::unmodified(&version),
                })
            }
        }
    }
}
