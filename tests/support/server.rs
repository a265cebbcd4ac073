//! The server, and the ways to send it requests.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use rollcall::gate::Limit;
use rollcall::http::{self, Request};
use rollcall::issuer::{Config, Settings};
use rollcall::records::StoreError;
use rollcall::runtime::FetchError;
use rollcall::vocabulary::ClientCertificate;
use serde_json::Value;

use super::book::Book;
use super::call::Arriving;
use super::kv::{Fault, Kv};
use super::runtime::{Meanwhile, TestRuntime};
use super::web::{Posted, Responder, Web};
use super::{Answer, Call, NOW, ORIGIN, shipped_metadata};

/// A server and everything it has stored.
pub struct Server {
    /// Its settings.
    pub config: Config,
    /// Its records.
    pub store: Kv,
    /// The documents at other URLs, which cannot be reached otherwise.
    pub web: RefCell<BTreeMap<String, Web>>,
    /// The number of documents that were asked for.
    pub fetched: Cell<u32>,
    /// The headers of the last request for a document.
    pub fetch_headers: RefCell<BTreeMap<String, String>>,
    /// Answers requests for documents instead of `web`.
    pub responder: RefCell<Option<Box<Responder>>>,
    /// Whether fetched documents don't arrive for now.
    pub stalled: Cell<bool>,
    /// Whether a request that sleeps waits until the clock has moved, instead of moving it.
    pub sleeps: Cell<bool>,
    /// The messages that were sent to others.
    pub posted: RefCell<Vec<Posted>>,
    /// The answers to the next of these messages; 204 to all after.
    pub receiver: RefCell<VecDeque<Result<u16, FetchError>>>,
    /// Limits that are reached.
    pub reached: RefCell<Vec<Limit>>,
    /// The number that is allowed under one key of a limit; any number under limits that are not listed.
    pub allowances: RefCell<Vec<(Limit, usize)>>,
    /// The limits that were asked, each with its key. A test that empties it makes the limiter forget all counts.
    pub counted: RefCell<Vec<(Limit, String)>>,
    /// How often each of them was asked with each key. A flood would take long to count in `counted`.
    pub(crate) counts: RefCell<BTreeMap<(u8, String), usize>>,
    /// The books of initial access tokens, by issuer.
    pub books: RefCell<BTreeMap<String, Book>>,
    /// The number of requests to the books.
    pub booked: Cell<u32>,
    /// Why requests to the books fail, while they do.
    pub book_failure: RefCell<Option<StoreError>>,
    /// The number of requests that the ledgers have handled.
    pub ledger_requests: Cell<u64>,
    /// The faults of the next requests to the ledgers; later ones have none.
    pub ledger_faults: RefCell<VecDeque<Fault>>,
    /// The number of requests about claims that were handled. The faults of the ledger are theirs, too.
    pub claim_requests: Cell<u64>,
    /// The number of keys that Web Crypto was asked about, each time.
    pub judged: RefCell<Vec<usize>>,
    /// Whether Web Crypto fails.
    pub crypto_fails: Cell<bool>,
    /// The number of signatures that Web Crypto has verified.
    pub verified: Cell<u32>,
    /// The error of recording a use after the last answer.
    pub unrecorded_use: RefCell<Option<String>>,
    /// Texts that the runtime has brought into the normal form NFKD, and hosts that it has read. The work budget looks at
    /// each shape twice: what the runtime does by itself is not in it.
    pub(crate) decomposed: RefCell<BTreeMap<String, String>>,
    pub(crate) read_names: RefCell<BTreeMap<String, bool>>,
    /// How many questions about hosts the runtime was asked.
    pub questions: Cell<u32>,
    pub(crate) drawn: Cell<u8>,
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

    /// The server with these settings.
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

    /// Sends `call`.
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

    /// Sends a GET request.
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
