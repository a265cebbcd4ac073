//! The handlers of the authorization server's and the operator's API. A handler reads the body and the query, calls a
//! procedure of `service`, and makes an answer of its result. Each API has a token of its own, which is compared
//! before the handler starts.

use form_urlencoded::Serializer;

use super::incoming::Incoming;
use super::refusal::Refusal;
use super::refusals::{self, RefusalRow};
use super::reply::{Answer, Storing};
use super::{Binding, Exchange, bearer, body, preconditions};
use crate::records::{DocumentAction, Store};
use crate::service::admin::{
    approval, clients, documents, editing, listing, rejections, tokens, transfer,
};
use crate::service::look_up::{self, FoundClient};
use crate::service::{Error, Ports, hosted};
use crate::vocabulary::{Digest, EntityTag, OperatorToken, Preconditions};

impl<I: Incoming, S: Store, R: Ports> Exchange<'_, I, S, R> {
    /// Lets the authorization server pass: its service binding, or its token.
    pub(super) async fn require_server(&self) -> Result<(), Refusal> {
        if self.request.bound != Binding::Unmarked {
            return Ok(());
        }
        let config = self.config;
        let tokens = [config.authorization_server.as_ref(), config.secret_reader.as_ref()];
        self.require(tokens, &refusals::NO_SERVER_TOKEN, &refusals::BAD_SERVER_TOKEN).await
    }

    /// Whether the authorization server may ask for client secrets: by its binding, or by the token for that.
    fn may_read_secrets(&self) -> bool {
        let token = self.config.secret_reader.as_ref();
        let is_it = |text: &str| token.is_some_and(|token| token.matches(text));
        match self.request.bound {
            Binding::ServerWithSecrets => true,
            Binding::Server | Binding::Unmarked => {
                bearer::token(&self.incoming, is_it) == Some(true)
            }
        }
    }

    /// Lets the operator pass, by the operator's token.
    pub(super) async fn require_operator(&self) -> Result<(), Refusal> {
        let tokens = [self.config.admin.as_ref(), None];
        self.require(tokens, &refusals::NO_OPERATOR_TOKEN, &refusals::BAD_OPERATOR_TOKEN).await
    }

    pub(super) async fn serve_document(&self, client_id: &str) -> Result<Answer, Refusal> {
        let (url, on_one_host) = (&self.request.url, self.config.is_on_one_host);
        let json = hosted::serve(&self.context, client_id, url, on_one_host).await?;
        let version = EntityTag::of(Digest::of(&json).short_name());
        let wanted = preconditions(&self.incoming);
        let json = wanted.if_none_match_passes(&version).then(|| json + "\n");
        let cache_control = &self.context.issuer.cache_control;
        let storing = Storing { cache_control, on_one_host, overlaid: false };
        Ok(Answer::document(json.as_deref(), &version, &storing))
    }

    pub(super) async fn look_up(&self, client_id: &str) -> Result<Answer, Refusal> {
        let include = self.request.parameters()?.into_iter().filter(|(name, _)| name == "include");
        let include = include.map(|(_, value)| value).next();
        let wanted = look_up::Included::parse(include.as_deref(), || self.may_read_secrets())?;
        let view = look_up::look_up(&self.context, client_id, wanted).await?;
        Ok(Answer::client_view(view, &preconditions(&self.incoming)))
    }

    pub(super) async fn look_up_any(&mut self) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        let may_read_secrets = || self.may_read_secrets();
        let found = look_up::look_up_any(&self.context, &body, may_read_secrets).await?;
        Ok(match found {
            FoundClient::Registered(view) => Answer::client_view(view, &Preconditions::default()),
            FoundClient::Document { client_id, document } => {
                Answer::document_client(client_id, document)
            }
        })
    }

    pub(super) async fn authenticate(&mut self) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        let view = look_up::authenticate(&self.context, &body).await?;
        Ok(Answer::client_view(view, &Preconditions::default()))
    }

    pub(super) async fn check_redirect_uri(&mut self, client_id: &str) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        Ok(Answer::json(look_up::check_redirect_uri(&self.context, client_id, &body).await?))
    }

    pub(super) async fn list_tokens(&self) -> Result<Answer, Refusal> {
        Ok(Answer::json(tokens::list(&self.context.gate).await?))
    }

    pub(super) async fn mint_token(&mut self) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        // A server whose document cannot be had at the moment is no reason to make no token.
        let context = &self.context;
        let profile = context.issuer.profile(&context.records, context.runtime).await.ok();
        let supported = profile.as_ref().map(|profile| &profile.offered);
        Ok(Answer::minted(tokens::mint(&context.gate, supported, &body).await?))
    }

    pub(super) async fn revoke_token(&self, id: &str) -> Result<Answer, Refusal> {
        tokens::revoke(&self.context.gate, id).await?;
        Ok(Answer::empty())
    }

    pub(super) async fn list_clients(&self) -> Result<Answer, Refusal> {
        let parameters = self.request.parameters()?;
        Ok(Answer::json(listing::list(&self.context, parameters).await?))
    }

    pub(super) async fn create_client(&mut self) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        Ok(Answer::created(editing::create(&self.context, &body).await?))
    }

    pub(super) async fn edit_client(&mut self, client_id: &str) -> Result<Answer, Refusal> {
        let wanted = preconditions(&self.incoming);
        let body = body::read(&mut self.incoming).await?;
        Ok(Answer::json(editing::edit(&self.context, (client_id, &wanted), &body).await?))
    }

    pub(super) async fn list_rejections(&self) -> Result<Answer, Refusal> {
        Ok(Answer::json(rejections::list(&self.context.gate).await?))
    }

    pub(super) async fn get_client(&self, client_id: &str) -> Result<Answer, Refusal> {
        let (document, version) = clients::get(&self.context, client_id).await?;
        Ok(Answer::client_document(document, &version, &preconditions(&self.incoming)))
    }

    pub(super) async fn delete_client(&self, client_id: &str) -> Result<Answer, Refusal> {
        clients::delete(&self.context, client_id).await?;
        Ok(Answer::empty())
    }

    pub(super) async fn set_enabled(&self, id: &str, enabled: bool) -> Result<Answer, Refusal> {
        clients::set_enabled(&self.context, id, enabled).await?;
        Ok(Answer::empty())
    }

    pub(super) async fn approve_client(&mut self, client_id: &str) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        approval::approve(&self.context, client_id, &body).await?;
        Ok(Answer::empty().with_event("client.approved"))
    }

    pub(super) async fn reject_client(&mut self, client_id: &str) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        approval::reject(&self.context, client_id, &body).await?;
        Ok(Answer::empty().with_event("client.rejected"))
    }

    pub(super) async fn rotate_credential(&mut self, client_id: &str) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        Ok(Answer::json(clients::rotate(&self.context, client_id, &body).await?))
    }

    pub(super) async fn delete_clients(&mut self) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        Ok(Answer::json(listing::delete_many(&self.context, &body).await?))
    }

    pub(super) async fn export_clients(&self) -> Result<Answer, Refusal> {
        let parameters = self.request.parameters()?;
        let (lines, cursor) = transfer::export(&self.context, parameters).await?;
        let next = cursor.map(|cursor| self.page_at(&cursor)).transpose()?;
        Ok(Answer::lines(lines, next))
    }

    pub(super) async fn import_clients(&mut self) -> Result<Answer, Refusal> {
        let lines = body::read_lines(&mut self.incoming).await?;
        Ok(Answer::json(transfer::import(&self.context, &lines).await?))
    }

    pub(super) async fn list_documents(&self) -> Result<Answer, Refusal> {
        let parameters = self.request.parameters()?;
        Ok(Answer::json(documents::list(&self.context, parameters).await?))
    }

    pub(super) async fn refresh_document(&mut self) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        let refreshed = documents::refresh(&self.context, &body).await?;
        Ok(Answer::document_client(refreshed.0, refreshed.1))
    }

    pub(super) async fn decide(&mut self, action: DocumentAction) -> Result<Answer, Refusal> {
        let body = body::read(&mut self.incoming).await?;
        let decided = documents::decide(&self.context, action, &body).await?;
        Ok(Answer::done_with(decided))
    }

    /// Compares the token of the request with each of `tokens`; where none is configured, every token is wrong. Wrong
    /// tokens are counted.
    async fn require(
        &self,
        tokens: [Option<&OperatorToken>; 2],
        missing: &'static RefusalRow,
        wrong: &'static RefusalRow,
    ) -> Result<(), Refusal> {
        let is_it = |text: &str| tokens.iter().flatten().any(|token| token.matches(text));
        match bearer::token(&self.incoming, is_it) {
            Some(true) => Ok(()),
            None => Err(missing.refusal()),
            Some(false) => {
                self.context.gate.count_failure(self.request.address).await?;
                Err(wrong.refusal())
            }
        }
    }

    /// The query for the page that begins at `cursor`, otherwise the same.
    fn page_at(&self, cursor: &str) -> Result<String, Error> {
        let others = self.request.parameters()?.into_iter().filter(|(name, _)| name != "cursor");
        let query = Serializer::for_suffix(String::from("?"), 1)
            .append_pair("cursor", cursor)
            .extend_pairs(others)
            .finish();
        Ok(query)
    }
}
