//! A whole server without a runtime: a clock that stands still, counting entropy, KV in memory.

pub mod apis;
pub mod differences;
pub mod gated;
pub mod host_names;
pub mod kv;
pub mod pages;
pub mod profiles;
pub mod reading;
pub mod registering;
pub mod signing;
pub mod statements;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use icu_normalizer::DecomposingNormalizer;
use rollcall::client::{Mistake, Policy, Reason};
use rollcall::http::{self, Binding, BodyLimits, Incoming, ReadError, Request, Response};

use rollcall::gate::Limit;
use rollcall::gate::claims::{self, ClaimReply, ClaimRequest, ClaimRows, Claims};
use rollcall::gate::request_counts::{RequestCount, RequestRows};
use rollcall::gate::token_book::{self, BookReply, BookRequest, Rows};
use rollcall::gate::{Books, Limiter};
use rollcall::issuer::{Config, Settings};
use rollcall::records::document_decisions::DecisionRow;
use rollcall::records::ledger::{self, LedgerReply, LedgerRequest, LedgerRows};
use rollcall::records::{Ledgers, StoreError};
use rollcall::runtime::{
    AesGcm, Clock, Curves, Entropy, EntropyError, Fetch, FetchError, FetchRequest, Fetched,
    Sealing, Signature, Signatures,
};
use rollcall::vocabulary::{ClientCertificate, HostNames, IssuerId, Unicode};
use serde_json::{Value, json};

use host_names::Uts46;
use kv::{Fault, Kv};

/// The advice of tests that compare a page with the code.
pub const UPDATE_DOCS: &str = "run UPDATE_DOCS=1 cargo test --test native";
/// The advice of tests that compare stored requests, responses and records with those of the code.
pub const UPDATE_VECTORS: &str = "run UPDATE_VECTORS=1 cargo test --test native -- vectors:: records:: metadata_documents::, then read the diff";

/// The origin of every request.
pub const ORIGIN: &str = "https://auth.example.com";
/// The time of the clock, in seconds since 1970.
pub const NOW: u64 = 1_663_687_515;

/// The metadata of the server as it is shipped, before it is configured.
pub fn shipped_metadata() -> Value {
    Value::Object(rollcall::issuer::development::metadata())
}

/// The secret of the operator, and that of the authorization server.
pub const ADMIN_TOKEN: &str = "an operator's secret of 32 bytes at least";
pub const AS_TOKEN: &str = "the authorization server's secret of 32 bytes";

/// The settings of a deployment: both secrets, and `vars` laid over what is shipped.
pub fn settings(vars: &Value) -> Settings {
    Settings::from_vars(|name| match name {
        _ if vars.get(name).is_some() => vars[name].clone(),
        "ISSUER" => ORIGIN.into(),
        "METADATA" => shipped_metadata(),
        "ADMIN_TOKEN" => ADMIN_TOKEN.into(),
        "AS_TOKEN" => AS_TOKEN.into(),
        _ => Value::Null,
    })
}

/// A server and everything it has stored.
pub struct Server {
    pub config: Config,
    pub store: Kv,
    /// The documents at other URLs, which cannot be reached otherwise.
    pub web: RefCell<BTreeMap<String, Web>>,
    /// The number of documents that were asked for, and the headers of the last request.
    pub fetched: Cell<u32>,
    pub fetch_headers: RefCell<BTreeMap<String, String>>,
    /// What answers a request for a document instead of `web`, from the headers of the request.
    pub responder: RefCell<Option<Box<Responder>>>,
    /// Whether fetched documents don't arrive for now.
    pub stalled: Cell<bool>,
    /// Whether a request that sleeps waits until the clock has moved, instead of moving it.
    pub sleeps: Cell<bool>,
    /// The messages that were sent to others, and the answers to the next ones; 204 to all after.
    pub posted: RefCell<Vec<Posted>>,
    pub receiver: RefCell<VecDeque<Result<u16, FetchError>>>,
    /// Limits that are reached.
    pub reached: RefCell<Vec<Limit>>,
    /// The number that is allowed under one key of a limit; any number under limits that are not listed.
    pub allowances: RefCell<Vec<(Limit, usize)>>,
    /// The limits that were asked, each with its key. A test that empties it makes the limiter forget all counts.
    pub counted: RefCell<Vec<(Limit, String)>>,
    /// How often each of them was asked with each key. A flood would take long to count in `counted`.
    counts: RefCell<BTreeMap<(u8, String), usize>>,
    /// The books of initial access tokens, by issuer.
    pub books: RefCell<BTreeMap<String, Book>>,
    /// The number of requests to the books; they fail while there is a reason.
    pub booked: Cell<u32>,
    pub book_failure: RefCell<Option<StoreError>>,
    /// The number of requests that the ledgers have handled, and the faults of the next ones; later ones have none.
    pub ledger_requests: Cell<u64>,
    pub ledger_faults: RefCell<VecDeque<Fault>>,
    /// The number of requests about claims that were handled. The faults of the ledger are theirs, too.
    pub claim_requests: Cell<u64>,
    /// The number of keys that Web Crypto was asked about, each time; it fails while `crypto_fails` is set.
    pub judged: RefCell<Vec<usize>>,
    pub crypto_fails: Cell<bool>,
    /// The number of signatures that Web Crypto has verified.
    pub verified: Cell<u32>,
    /// The error of recording a use after the last answer.
    pub unrecorded_use: RefCell<Option<String>>,
    /// Texts that the runtime has brought into the normal form NFKD, and hosts that it has read. The work budget looks at
    /// each shape twice: what the runtime does by itself is not in it.
    decomposed: RefCell<BTreeMap<String, String>>,
    read_names: RefCell<BTreeMap<String, bool>>,
    /// How many questions about hosts the runtime was asked.
    pub questions: Cell<u32>,
    drawn: Cell<u8>,
}

/// Something that was sent to others.
#[derive(Debug, Clone)]
pub struct Posted {
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What another server answers.
pub type Web = Result<Fetched, FetchError>;
/// Another server: its answer to a request with these headers.
pub type Responder = dyn Fn(&BTreeMap<String, String>) -> Web;

/// The answer of another server: this body with 200, and no headers.
#[expect(clippy::unnecessary_wraps, reason = "other answers are errors")]
pub fn served(body: impl Into<Vec<u8>>) -> Web {
    Ok(Fetched { status: 200, body: body.into(), ..Fetched::default() })
}

/// The answer of another server with this status, and no headers.
#[expect(clippy::unnecessary_wraps, reason = "other answers are errors")]
pub fn answered(status: u16) -> Web {
    Ok(Fetched { status, ..Fetched::default() })
}

/// An action that runs once, in the middle of a request.
type Meanwhile<'m> = RefCell<Option<Box<dyn FnOnce() + 'm>>>;

/// The clock moves only when something sleeps; every draw of entropy repeats one byte, the next draw
/// the next.
pub struct TestRuntime<'s, 'm>(&'s Server, &'s Meanwhile<'m>);

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

/// The `x` of a P-256 key that is not on its curve, in the model of Web Crypto and in earnest, and of another.
pub const OFF_CURVE: &str = "wcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcE";
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

/// A book and a ledger in memory: entries by digest; states, records and expiries by client; counts of rejections;
/// decisions about documents; claims and their expiries by key; counts of requests for shared clients.
#[derive(Default)]
pub struct Book(
    pub BTreeMap<String, String>,
    pub BTreeMap<String, (String, String, u64)>,
    pub Option<String>,
    pub Option<String>,
    pub BTreeMap<String, (String, u64)>,
    pub BTreeMap<String, u64>,
);

impl RequestRows for Book {
    fn add_requests(&mut self, counts: &str, _: u64) {
        for RequestCount { client_id, count } in serde_json::from_str::<Vec<_>>(counts).unwrap() {
            *self.5.entry(client_id).or_default() += count;
        }
    }

    fn find_requests(&mut self, client_ids: &str) -> Vec<(String, String)> {
        let wanted: Vec<String> = serde_json::from_str(client_ids).unwrap();
        let found = self.5.iter().filter(|(client_id, _)| wanted.contains(client_id));
        found.map(|(client_id, count)| (client_id.clone(), count.to_string())).collect()
    }
}

impl DecisionRow for Book {
    fn decisions(&mut self) -> Option<String> {
        self.3.clone()
    }

    fn put_decisions(&mut self, decisions: &str) {
        self.3 = Some(decisions.to_owned());
    }
}

impl ClaimRows for Book {
    fn find_claim(&mut self, key: &str, now: u64) -> Option<String> {
        self.4.get(key).filter(|(_, end)| *end > now).map(|(entry, _)| entry.clone())
    }

    fn write_claim(&mut self, key: &str, entry: &str, expires_at: u64, now: u64) {
        self.4.retain(|_, (_, end)| *end > now);
        self.4.insert(key.to_owned(), (entry.to_owned(), expires_at));
    }
}

impl LedgerRows for Book {
    fn find(&mut self, client_id: &str, now: u64) -> Option<String> {
        self.1.get(client_id).filter(|(_, _, end)| *end > now).map(|(state, ..)| state.clone())
    }

    fn find_record(&mut self, client_id: &str) -> Option<String> {
        self.1.get(client_id).map(|(_, record, _)| record.clone())
    }

    fn write(&mut self, client_id: &str, state: &str, record: Option<&str>, expires_at: u64) {
        let record = record.map(str::to_owned).or_else(|| self.find_record(client_id));
        let row = (state.to_owned(), record.unwrap_or_default(), expires_at);
        self.1.insert(client_id.to_owned(), row);
    }

    fn remove_expired(&mut self, now: u64) {
        self.1.retain(|_, (_, _, expires_at)| *expires_at > now);
    }
}

impl Book {
    /// Lets the only token have been used by a client that is not known to be stored.
    pub fn unsettle(&mut self, client_id: &str, until: u64) {
        let entry = self.0.values_mut().next().unwrap();
        let mut changed: Value = serde_json::from_str(entry).unwrap();
        changed["reservations"] = json!([{"client_id": client_id, "until": until}]);
        *entry = changed.to_string();
    }
}

impl Rows for Book {
    fn rejections(&mut self) -> Option<String> {
        self.2.clone()
    }

    fn put_rejections(&mut self, counts: &str) {
        self.2 = Some(counts.to_owned());
    }

    fn get(&mut self, digest: &str) -> Option<String> {
        self.0.get(digest).cloned()
    }

    fn put(&mut self, digest: &str, entry: &str) {
        self.0.insert(digest.to_owned(), entry.to_owned());
    }

    fn delete(&mut self, digest: &str) {
        self.0.remove(digest);
    }

    fn all(&mut self) -> Vec<(String, String)> {
        self.0.iter().map(|(digest, entry)| (digest.clone(), entry.clone())).collect()
    }
}

impl Server {
    /// The server as it is shipped, with an issuer.
    pub fn new() -> Self {
        Self::with(shipped_metadata())
    }

    /// The server with other metadata to publish.
    pub fn with(metadata: Value) -> Self {
        Self::configured(Settings {
            issuer: Some(ORIGIN.to_owned()),
            metadata,
            ..Settings::default()
        })
    }

    /// The shipped server with settings of the registrar.
    pub fn with_registration(registration: Value) -> Self {
        Self::configured(Settings {
            issuer: Some(ORIGIN.to_owned()),
            metadata: shipped_metadata(),
            registration,
            ..Settings::default()
        })
    }

    pub fn configured(settings: Settings) -> Self {
        let config = Config::parse(settings).unwrap();
        let store = Kv::default();
        store.clock.set(NOW * 1000);
        Self {
            config,
            store,
            web: RefCell::default(),
            fetched: Cell::default(),
            fetch_headers: RefCell::default(),
            responder: RefCell::default(),
            stalled: Cell::default(),
            sleeps: Cell::default(),
            posted: RefCell::default(),
            receiver: RefCell::default(),
            reached: RefCell::default(),
            allowances: RefCell::default(),
            counted: RefCell::default(),
            counts: RefCell::default(),
            books: RefCell::default(),
            booked: Cell::default(),
            book_failure: RefCell::default(),
            ledger_requests: Cell::default(),
            ledger_faults: RefCell::default(),
            claim_requests: Cell::default(),
            judged: RefCell::default(),
            crypto_fails: Cell::default(),
            verified: Cell::default(),
            unrecorded_use: RefCell::default(),
            decomposed: RefCell::default(),
            read_names: RefCell::default(),
            questions: Cell::default(),
            drawn: Cell::default(),
        }
    }

    /// Seconds since 1970, on the server's clock.
    pub fn now(&self) -> u64 {
        self.store.clock.get() / 1000
    }

    /// Limits as they are shipped in `wrangler.toml`; every count so far is forgotten, as after a minute.
    pub fn limit_as_shipped(&self) {
        self.counted.replace(Vec::new());
        self.allowances.replace(vec![
            (Limit::Address, 20),
            (Limit::Network, 100),
            (Limit::Workers, 300),
            (Limit::Issuer, 600),
            (Limit::Updates, 600),
            (Limit::Failures, 30),
        ]);
    }

    /// Lets `respond` answer every request for a document, from the headers of the request.
    pub fn respond_to_fetch(&self, respond: impl Fn(&BTreeMap<String, String>) -> Web + 'static) {
        self.responder.replace(Some(Box::new(respond)));
    }

    pub fn send(&self, call: Call) -> Answer {
        self.handle(call, &RefCell::default(), &RefCell::default())
    }

    /// Sends `call`; before its body arrives, `action` happens.
    pub fn send_slowly(&self, call: Call, action: impl FnOnce()) -> Answer {
        let arriving: Meanwhile<'_> = RefCell::new(Some(Box::new(action)));
        let answer = self.handle(call, &arriving, &RefCell::default());
        assert!(arriving.borrow().is_none(), "the body was not read");
        answer
    }

    /// Sends `call`, whose body must not be read.
    pub fn send_unread(&self, call: Call) -> Answer {
        let arriving: Meanwhile<'_> = RefCell::new(Some(Box::new(|| panic!("the body was read"))));
        self.handle(call, &arriving, &RefCell::default())
    }

    /// Sends `call`; while it first waits for the store, `action` happens.
    pub fn send_waiting(&self, call: Call, action: impl FnOnce()) -> Answer {
        let sleeping: Meanwhile<'_> = RefCell::new(Some(Box::new(action)));
        let answer = self.handle(call, &RefCell::default(), &sleeping);
        assert!(sleeping.borrow().is_none(), "it did not wait");
        answer
    }

    /// Begins to answer `call`, as far as it goes before something has to be waited for.
    pub fn begin(&self, call: Call) -> UnderWay<'_> {
        let mut under_way = UnderWay(Box::pin(self.send_step_by_step(call)));
        assert!(under_way.poll().is_none(), "it is answered already");
        under_way
    }

    /// Sends `count` calls at once, which go on in turn at three locations; `before` each of these turns something happens. The
    /// answers, as they come.
    pub fn send_at_once(
        &self,
        count: usize,
        call: impl Fn() -> Call,
        before: impl Fn(&Self),
    ) -> Vec<Answer> {
        self.store.interleaved.set(true);
        let mut under_way: Vec<_> = (0..count).map(|_| Some(self.begin(call()))).collect();
        let mut answers = Vec::new();
        while answers.len() < count {
            before(self);
            for (at, one) in under_way.iter_mut().enumerate() {
                self.store.location.set(at % 3);
                let Some(request) = one else { continue };
                if let Some(answer) = request.poll() {
                    answers.push(answer);
                    *one = None;
                }
            }
        }
        answers
    }

    fn handle(&self, call: Call, arriving: &Meanwhile<'_>, sleeping: &Meanwhile<'_>) -> Answer {
        pollster::block_on(self.handle_step_by_step(call, arriving, sleeping))
    }

    /// Sends `call` as a future, so that a test can interleave requests.
    pub async fn send_step_by_step(&self, call: Call) -> Answer {
        self.handle_step_by_step(call, &RefCell::default(), &RefCell::default()).await
    }

    async fn handle_step_by_step(
        &self,
        call: Call,
        arriving: &Meanwhile<'_>,
        sleeping: &Meanwhile<'_>,
    ) -> Answer {
        let Call { method, origin, path, address, bound, certificate, wire } = call;
        let url = format!("{origin}{path}");
        let address = address.map(|text| text.parse().unwrap());
        let incoming = Arriving { wire, arriving };
        let certificate = ClientCertificate::from_report(&certificate);
        let request = Request { method, url, address, bound, certificate, incoming };
        let runtime = TestRuntime(self, sleeping);
        let mut response = http::handle(&self.config, &self.store, runtime, request).await;
        if let Some(later) = response.later.take() {
            let failures = later.run(&self.store, TestRuntime(self, sleeping)).await;
            *self.unrecorded_use.borrow_mut() =
                failures.into_iter().map(|(_, detail)| detail).next();
        }
        Answer(response)
    }

    /// Does something that needs a host and no store.
    pub fn with_runtime<T>(&self, action: impl AsyncFnOnce(&TestRuntime<'_, '_>) -> T) -> T {
        let sleeping = RefCell::default();
        pollster::block_on(action(&TestRuntime(self, &sleeping)))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(Call::new("GET", path))
    }

    /// Registers `metadata`.
    pub fn register(&self, metadata: &Value) -> Answer {
        self.send(Call::register(metadata.to_string()))
    }

    /// Reads the registration that `registered` tells of.
    pub fn read_back(&self, registered: &Value) -> Answer {
        self.send(Call::of("GET", registered))
    }

    /// Updates the registration that `registered` tells of, to `metadata` and its own `client_id`.
    pub fn update(&self, registered: &Value, metadata: &Value) -> Answer {
        self.send(Call::update(registered, metadata))
    }

    /// Deletes the registration that `registered` tells of.
    pub fn delete(&self, registered: &Value) -> Answer {
        self.send(Call::of("DELETE", registered))
    }
}

/// A request that is being answered. Dropped, it is one that the runtime has cancelled.
pub struct UnderWay<'s>(Pin<Box<dyn Future<Output = Answer> + 's>>);

impl UnderWay<'_> {
    /// Goes on as far as possible; the answer, if there is one now.
    pub fn poll(&mut self) -> Option<Answer> {
        match self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        }
    }
}

/// The path of a client's `registration_client_uri`.
pub fn path_of(registered: &Value) -> &str {
    registered["registration_client_uri"].as_str().unwrap().strip_prefix(ORIGIN).unwrap()
}

/// A request to be.
pub struct Call {
    method: String,
    origin: String,
    path: String,
    address: Option<String>,
    bound: Binding,
    certificate: String,
    wire: Wire,
}

/// A request while something else happens.
struct Arriving<'a, 'm> {
    wire: Wire,
    arriving: &'a Meanwhile<'m>,
}

/// Headers and body of a request; the body arrives in pieces.
struct Wire {
    headers: Vec<(String, String)>,
    chunks: std::vec::IntoIter<Vec<u8>>,
    /// How long the body takes to arrive; `None` if it never arrives whole.
    milliseconds: Option<u32>,
    /// Whether the request waits for its body for ever.
    stuck: bool,
}

impl Call {
    pub fn new(method: &str, path: &str) -> Self {
        let chunks = Vec::new().into_iter();
        let wire = Wire { headers: Vec::new(), chunks, milliseconds: Some(0), stuck: false };
        let (method, origin, path) = (method.into(), ORIGIN.into(), path.into());
        let (bound, certificate) = (Binding::Unmarked, String::new());
        Self { method, origin, path, address: None, bound, certificate, wire }
    }

    pub fn register(body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", "/reg").header("content-type", "application/json").body(body)
    }

    /// A request to the client configuration endpoint of a client, with its token.
    pub fn of(method: &str, registered: &Value) -> Self {
        let token = registered["registration_access_token"].as_str().unwrap();
        Self::new(method, path_of(registered)).header("authorization", &format!("Bearer {token}"))
    }

    /// An update of a client to `metadata`; its `client_id` is added where there is none.
    pub fn update(registered: &Value, metadata: &Value) -> Self {
        let mut body = json!({"client_id": registered["client_id"]});
        body.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
        Self::of("PUT", registered)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    pub fn from(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    /// Through a binding of the authorization server's.
    pub fn bound(mut self) -> Self {
        self.bound = Binding::Server;
        self
    }

    /// Through a binding of the authorization server's, with `secrets = true`.
    pub fn bound_with_secrets(mut self) -> Self {
        self.bound = Binding::ServerWithSecrets;
        self
    }

    /// With a client certificate, as Cloudflare reports it: `certPresented`, `certVerified`, `certRevoked`, the subject, the
    /// issuer, and the SHA-256 fingerprint.
    pub fn certificate(mut self, report: [&str; 6]) -> Self {
        self.certificate = json!(report).to_string();
        self
    }

    pub fn origin(mut self, origin: &str) -> Self {
        self.origin = origin.into();
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.wire.headers.retain(|(known, _)| known != name);
        self.wire.headers.push((name.into(), value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.wire.headers.retain(|(known, _)| known != name);
        self
    }

    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        self.chunks(vec![body.into()])
    }

    /// The body takes this long to arrive.
    pub fn taking(mut self, milliseconds: u32) -> Self {
        self.wire.milliseconds = Some(milliseconds);
        self
    }

    /// The body never arrives, and the runtime never says so.
    pub fn stuck(mut self) -> Self {
        self.wire.stuck = true;
        self
    }

    /// The body is cut off.
    pub fn broken(mut self) -> Self {
        self.wire.milliseconds = None;
        self
    }

    pub fn chunks(mut self, chunks: Vec<Vec<u8>>) -> Self {
        self.wire.chunks = chunks.into_iter();
        self
    }
}

thread_local! {
    /// The headers that requests of this test have read.
    pub static READ: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

impl Incoming for Arriving<'_, '_> {
    fn header(&self, name: &str) -> Option<String> {
        assert!(http::READ_HEADERS.contains(&name), "{name} is not in http::READ_HEADERS");
        READ.with_borrow_mut(|read| read.insert(name.to_owned()));
        self.wire.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    async fn body(&mut self, limits: BodyLimits) -> Result<Vec<u8>, ReadError> {
        let meanwhile = self.arriving.borrow_mut().take();
        if let Some(action) = meanwhile {
            action();
        }
        if self.wire.stuck {
            return std::future::pending().await;
        }
        let Wire { chunks, milliseconds, .. } = &mut self.wire;
        if milliseconds.is_none_or(|needed| needed > limits.milliseconds) {
            return Err(match milliseconds {
                Some(_) => ReadError::TooSlow,
                None => ReadError::Broken("Network connection lost.".into()),
            });
        }
        let body = chunks.by_ref().collect::<Vec<_>>().concat();
        if body.len() > limits.bytes { Err(ReadError::TooLarge) } else { Ok(body) }
    }
}

/// The value that a handler reads of a header of `call`.
pub fn read_header(call: Call, name: &str) -> Option<String> {
    Arriving { wire: call.wire, arriving: &RefCell::default() }.header(name)
}

/// A response, with what every response of ours has to have.
pub struct Answer(pub Response);

impl Answer {
    pub fn status(&self) -> u16 {
        self.0.status
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(self.0.body.as_deref().unwrap()).unwrap()
    }

    /// The body of a 201.
    pub fn created(&self) -> Value {
        assert_eq!(self.status(), 201, "{}", self.json());
        self.json()
    }

    /// Status and error code of a refusal, which always has a description and reaches browsers.
    pub fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let description = body["error_description"].as_str().unwrap();
        let sound = |c: char| c == ' ' || (c.is_ascii_graphic() && c != '"' && c != '\\');
        assert!(!description.is_empty() && description.chars().all(sound), "{description}");
        assert_eq!(self.header("access-control-allow-origin"), Some("*"));
        self.refusal_anywhere()
    }

    /// The same where pages on other origins must not read it.
    pub fn refusal_off_browsers(&self) -> (u16, String) {
        assert_eq!(self.header("access-control-allow-origin"), None);
        assert_eq!(self.header("access-control-expose-headers"), None);
        self.refusal_anywhere()
    }

    fn refusal_anywhere(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        (self.status(), body["error"].as_str().unwrap().to_owned())
    }

    /// Status, and pointer and rule of every problem.
    pub fn problems(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let body = self.json();
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("no errors in {body}"));
        errors.iter().map(|error| (text(&error["member"]), text(&error["rule"]))).collect()
    }
}

/// The settings of a policy in their order, and what each must be: as an error says for a value that is wrong for all.
pub fn policy_settings() -> Vec<(&'static str, String)> {
    let mistakes = |policy: Value| -> Vec<Mistake> {
        let policy = policy.as_object().unwrap().clone();
        Policy::parse_stored(&policy).unwrap_err()
    };
    let Reason::Unknown(names) = mistakes(json!({"?": 0}))[0].reason else { panic!() };
    let expected = |name: &&'static str| match mistakes(json!({*name: {}})).remove(0).reason {
        Reason::Value { expected, .. } => (*name, expected),
        reason => panic!("{name}: {reason:?}"),
    };
    names.iter().map(expected).collect()
}
