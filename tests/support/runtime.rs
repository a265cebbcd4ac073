//! A clock that stands still, counting entropy, and models of the other services of a runtime.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::Poll;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use icu_normalizer::DecomposingNormalizer;
use rollcall::gate::claims::{self, ClaimReply, ClaimRequest, Claims};
use rollcall::gate::token_book::{self, BookReply, BookRequest};
use rollcall::gate::{Books, Limit, Limiter};
use rollcall::records::ledger::{self, LedgerReply, LedgerRequest};
use rollcall::records::{Ledgers, StoreError};
use rollcall::runtime::{
    AesGcm, Clock, Curves, Entropy, EntropyError, Fetch, FetchError, FetchRequest, Fetched,
    Sealing, Signature, Signatures,
};
use rollcall::vocabulary::{HostNames, IssuerId, Unicode};
use serde_json::Value;

use super::book::Book;
use super::host_names::Uts46;
use super::kv::Fault;
use super::web::Posted;
use super::{Server, signing};

/// An action that runs once, in the middle of a request.
pub(crate) type Meanwhile<'m> = RefCell<Option<Box<dyn FnOnce() + 'm>>>;

/// The clock moves only when something sleeps; every draw of entropy repeats one byte, the next draw
/// the next.
pub struct TestRuntime<'s, 'm>(pub(crate) &'s Server, pub(crate) &'s Meanwhile<'m>);

impl Clock for TestRuntime<'_, '_> {
    fn milliseconds(&self) -> u64 {
        self.0.store.clock.get()
    }

    async fn sleep(&self, milliseconds: u64) {
        if self.0.sleeps.get() {
            let until = self.milliseconds() + milliseconds;
            let over = || if self.milliseconds() < until { Poll::Pending } else { Poll::Ready(()) };
            return poll_fn(|_| over()).await;
        }
        let meanwhile = self.1.borrow_mut().take();
        let Some(action) = meanwhile else { return self.0.store.pass(milliseconds) };
        // Late enough for the next write of any writer.
        self.0.store.pass(milliseconds - 50);
        action();
        self.0.store.pass(50);
    }
}

impl Entropy for TestRuntime<'_, '_> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(self.0.drawn.get());
        self.0.drawn.set(self.0.drawn.get().wrapping_add(1));
        Ok(())
    }
}

impl Fetch for TestRuntime<'_, '_> {
    async fn get(&self, request: &FetchRequest<'_>) -> Result<Fetched, FetchError> {
        self.0.fetched.set(self.0.fetched.get() + 1);
        let headers = request.headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        self.0.fetch_headers.replace(headers.collect());
        let stalled = || if self.0.stalled.get() { Poll::Pending } else { Poll::Ready(()) };
        poll_fn(|_| stalled()).await;
        let found = match &*self.0.responder.borrow() {
            Some(respond) => Some(respond(&self.0.fetch_headers.borrow())),
            None => self.0.web.borrow().get(request.url).cloned(),
        };
        match found {
            Some(Ok(fetched)) if fetched.body.len() > request.bytes => Err(FetchError::TooLarge),
            Some(answer) => answer,
            None => Err(FetchError::Failed("Network connection lost.".into())),
        }
    }

    async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<u16, FetchError> {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let sent = Posted { url: url.into(), headers: headers.collect(), body: body.into() };
        self.0.posted.borrow_mut().push(sent);
        self.0.receiver.borrow_mut().pop_front().unwrap_or(Ok(204))
    }
}

/// The runtime's knowledge of Unicode.
pub struct Names;

impl HostNames for Names {
    fn is_unchanged(&self, name: &str) -> bool {
        Uts46.is_unchanged(name)
    }
}

impl Unicode for Names {
    fn decompose(&self, text: &str) -> String {
        DecomposingNormalizer::new_nfkd().normalize(text).into_owned()
    }
}

impl Unicode for TestRuntime<'_, '_> {
    fn decompose(&self, text: &str) -> String {
        let mut known = self.0.decomposed.borrow_mut();
        let make = || DecomposingNormalizer::new_nfkd().normalize(text).into_owned();
        known.entry(text.to_owned()).or_insert_with(make).clone()
    }
}

impl Limiter for TestRuntime<'_, '_> {
    async fn allow(&self, limit: Limit, key: &str) -> bool {
        let mut counted = self.0.counted.borrow_mut();
        let mut counts = self.0.counts.borrow_mut();
        if counted.is_empty() {
            counts.clear();
        }
        counted.push((limit, key.to_owned()));
        let so_far = counts.entry((limit as u8, key.to_owned())).or_default();
        *so_far += 1;
        let allowances = self.0.allowances.borrow();
        let allowance = allowances.iter().find(|(known, _)| *known == limit);
        let within = allowance.is_none_or(|(_, allowed)| *so_far <= *allowed);
        within && !self.0.reached.borrow().contains(&limit)
    }
}

impl HostNames for TestRuntime<'_, '_> {
    fn is_unchanged(&self, name: &str) -> bool {
        self.0.questions.set(self.0.questions.get() + 1);
        let mut known = self.0.read_names.borrow_mut();
        *known.entry(name.to_owned()).or_insert_with(|| Uts46.is_unchanged(name))
    }
}

impl Curves for TestRuntime<'_, '_> {
    async fn on_curve(&self, points: &Value) -> Result<Vec<bool>, String> {
        let points = points.as_array().unwrap();
        self.0.judged.borrow_mut().push(points.len());
        if self.0.crypto_fails.get() {
            return Err("Web Crypto is not there".into());
        }
        let misplaced = [OFF_CURVE, OFF_CURVE_TOO];
        Ok(points.iter().map(|point| !misplaced.contains(&point["x"].as_str().unwrap())).collect())
    }
}

impl TestRuntime<'_, '_> {
    fn cipher(&self, with: &AesGcm<'_>) -> Result<Aes256Gcm, String> {
        if self.0.crypto_fails.get() {
            return Err("Web Crypto is not there".into());
        }
        Ok(Aes256Gcm::new(with.key.into()))
    }
}

impl Sealing for TestRuntime<'_, '_> {
    async fn seal(&self, with: &AesGcm<'_>, plain: &[u8]) -> Result<Vec<u8>, String> {
        let payload = Payload { msg: plain, aad: with.associated_data };
        self.cipher(with)?.encrypt(with.nonce.into(), payload).map_err(|error| error.to_string())
    }

    async fn open(&self, with: &AesGcm<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let payload = Payload { msg: sealed, aad: with.associated_data };
        Ok(self.cipher(with)?.decrypt(with.nonce.into(), payload).ok())
    }
}

impl Signatures for TestRuntime<'_, '_> {
    async fn verify(&self, signature: &Signature<'_>) -> Result<bool, String> {
        self.0.verified.set(self.0.verified.get() + 1);
        if self.0.crypto_fails.get() {
            return Err("Web Crypto is not there".into());
        }
        let Signature { algorithm, key, signed, bytes } = *signature;
        Ok(signing::sign(algorithm, key, signed) == bytes)
    }
}

/// The `x` of a P-256 key that is not on its curve, in the model of Web Crypto and in earnest.
pub const OFF_CURVE: &str = "wcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcE";
/// The `x` of another such key.
pub const OFF_CURVE_TOO: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

impl Books for TestRuntime<'_, '_> {
    async fn book(&self, issuer: &IssuerId, request: BookRequest) -> Result<BookReply, StoreError> {
        self.0.booked.set(self.0.booked.get() + 1);
        if let Some(error) = self.0.book_failure.borrow().clone() {
            return Err(error);
        }
        let mut books = self.0.books.borrow_mut();
        let book = books.entry(issuer.to_string()).or_default();
        Ok(token_book::handle(book, request, self.0.now()).unwrap())
    }
}

impl TestRuntime<'_, '_> {
    /// Lets the object of `issuer` handle a request, which is counted, unless a fault is due.
    async fn ask_object<T>(
        &self,
        issuer: &IssuerId,
        count: &Cell<u64>,
        handle: impl FnOnce(&mut Book) -> T,
    ) -> Result<T, StoreError> {
        self.0.store.turn().await;
        let fault = self.0.ledger_faults.borrow_mut().pop_front().unwrap_or(Fault::None);
        let failure = StoreError::Unavailable("The Durable Object failed".into());
        if fault == Fault::Error {
            return Err(failure);
        }
        let reply = handle(self.0.books.borrow_mut().entry(issuer.to_string()).or_default());
        count.set(count.get() + 1);
        if fault == Fault::LostAnswer { Err(failure) } else { Ok(reply) }
    }
}

impl Ledgers for TestRuntime<'_, '_> {
    async fn ledger(
        &self,
        issuer: &IssuerId,
        request: &LedgerRequest,
    ) -> Result<LedgerReply, StoreError> {
        let now = self.0.now();
        let handle = |book: &mut Book| ledger::handle(book, request.clone(), now).unwrap();
        self.ask_object(issuer, &self.0.ledger_requests, handle).await
    }
}

impl Claims for TestRuntime<'_, '_> {
    async fn claim(
        &self,
        issuer: &IssuerId,
        request: &ClaimRequest,
    ) -> Result<ClaimReply, StoreError> {
        let now = self.0.now();
        let handle = |book: &mut Book| claims::handle(book, request.clone(), now).unwrap();
        self.ask_object(issuer, &self.0.claim_requests, handle).await
    }
}
