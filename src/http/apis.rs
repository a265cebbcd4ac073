//! The APIs of the authorization server and of the operator: each behind a secret of its own, and for no page
//! on another origin.

use super::incoming::Incoming;
use super::refusal::Refusal;
use super::reply::Answer;
use super::routes::{Admin, Server};
use super::{Exchange, bearer, body, preconditions};
use crate::service::admin::listing::{self, Wanted};
use crate::service::admin::{clients, tokens, transfer};
use crate::service::ports::{Host, Store};
use crate::service::{Error, look_up};
use crate::vocabulary::{OperatorToken, Preconditions, decode_form};

impl<I: Incoming, S: Store, H: Host> Exchange<'_, '_, I, S, H> {
    pub(super) async fn ask(&mut self, route: Server<'_>) -> Result<Answer, Refusal> {
        if !self.request.bound {
            let token = self.config.authorization_server();
            let refusals = (Refusal::NoServerToken, Refusal::BadServerToken);
            self.require(token, refusals).await?;
        }
        let wanted = preconditions(&self.incoming);
        match route {
            Server::LookUp(client_id) => {
                Ok(Answer::known(look_up::look_up(self.app, client_id).await?, &wanted))
            }
            Server::Authenticate => {
                let body = body::read(&mut self.incoming).await?;
                let known = look_up::authenticate(self.app, &body).await?;
                Ok(Answer::known(known, &Preconditions::default()))
            }
            Server::RedirectUri(client_id) => {
                let body = body::read(&mut self.incoming).await?;
                let told = look_up::check_redirect_uri(self.app, client_id, &body).await?;
                Ok(Answer::json(told))
            }
        }
    }

    pub(super) async fn administer(&mut self, route: Admin<'_>) -> Result<Answer, Refusal> {
        let refusals = (Refusal::NoAdminToken, Refusal::BadAdminToken);
        self.require(self.config.admin(), refusals).await?;
        let app = self.app;
        let done = match route {
            Admin::Tokens if self.request.method == "POST" => {
                let body = body::read(&mut self.incoming).await?;
                return Ok(Answer::minted(tokens::mint(app, &body).await?));
            }
            Admin::Tokens => Answer::json(tokens::list(app).await?),
            Admin::Token(id) => nothing(tokens::revoke(app, id).await)?,
            Admin::Clients => Answer::json(listing::list(app, &self.wanted()?).await?),
            Admin::Client(client_id) if self.request.method == "DELETE" => {
                nothing(clients::delete(app, client_id).await)?
            }
            Admin::Client(client_id) => {
                let (document, version) = clients::get(app, client_id).await?;
                Answer::entry(document, &version, &preconditions(&self.incoming))
            }
            Admin::Disable(client_id) => nothing(clients::switch(app, client_id, false).await)?,
            Admin::Enable(client_id) => nothing(clients::switch(app, client_id, true).await)?,
            Admin::Rotate(client_id) => {
                let body = body::read(&mut self.incoming).await?;
                Answer::json(clients::rotate(app, client_id, &body).await?)
            }
            Admin::DeleteMany => {
                let body = body::read(&mut self.incoming).await?;
                Answer::json(listing::delete_many(app, &body).await?)
            }
            Admin::Export => {
                let (lines, cursor) = transfer::export(app, &self.wanted()?).await?;
                let next = cursor.map(|cursor| self.page_at(&cursor));
                Answer::lines(lines, next)
            }
            Admin::Import => {
                let lines = body::read_lines(&mut self.incoming).await?;
                Answer::json(transfer::import(app, &lines).await?)
            }
        };
        Ok(done)
    }

    /// Lets whoever has `token` pass; without one there is no way in. A wrong one is counted.
    async fn require(
        &self,
        token: Option<&OperatorToken>,
        (missing, wrong): (Refusal, Refusal),
    ) -> Result<(), Refusal> {
        let is_it = |text: &str| token.is_some_and(|token| token.is(text));
        match bearer::token(&self.incoming, is_it) {
            Some(true) => Ok(()),
            None => Err(missing),
            Some(false) => {
                self.app.count_failure(self.request.address).await?;
                Err(wrong)
            }
        }
    }

    /// The query for the page that begins at `cursor`, otherwise as it is.
    fn page_at(&self, cursor: &str) -> String {
        let mut query = format!("?cursor={}", encode(cursor));
        let is_cursor = |name: &str| decode_form(name).as_deref() == Some("cursor");
        for (name, value) in self.request.encoded_parameters().filter(|(name, _)| !is_cursor(name))
        {
            query.push('&');
            query.push_str(name);
            query.push('=');
            query.push_str(value);
        }
        query
    }

    /// Which page the query asks for.
    fn wanted(&self) -> Result<Wanted, Error> {
        let mut wanted = Wanted::default();
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in self.request.parameters()? {
            wanted.set(&name, &value)?;
            if seen.contains(&name) {
                return Err(Error::Request(format!("{name} is there twice")));
            }
            seen.push(name);
        }
        Ok(wanted)
    }
}

/// An act that has no more to say than that it is done.
fn nothing(done: Result<(), Error>) -> Result<Answer, Refusal> {
    done?;
    Ok(Answer::empty())
}

/// A cursor as it may stand in a query: it is the store's own text.
fn encode(cursor: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let encoded = cursor.bytes().map(|byte| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    });
    encoded.collect()
}
