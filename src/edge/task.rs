//! Futures that wait for JavaScript's promises. A task is polled at once, and again as soon as the promise that
//! it waits for is settled. A queue in between, as general executors have, would cost more than most requests:
//! docs/decisions/0006-own-edge.md.
//!
//! When a caller goes away, the runtime never settles the promise that its request waits for. `bundle/worker.js`
//! hears of it and abandons the task, so that nothing of the request is left: [`abandon`]. Where the runtime does
//! not say so, tasks that wait for too long are swept once there are many.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::clock::milliseconds;
use super::glue;

/// What became of a promise.
type Outcome = Result<JsValue, JsValue>;

/// Sweep for abandoned tasks once this many exist.
const MANY: usize = 64;
/// How long a task may wait for one promise then, in milliseconds: more than any store or server takes.
const PATIENCE: u64 = 120_000;

struct Task {
    id: u32,
    /// Taken out while it is polled.
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    outcome: Option<Outcome>,
    /// Since when it is known to wait for its promise, in milliseconds since 1970.
    waiting_since: Option<u64>,
}

thread_local! {
    static TASKS: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
    static LATEST: Cell<u32> = const { Cell::new(0) };
    static CURRENT: Cell<u32> = const { Cell::new(0) };
}

/// Begins a task. Its number, unless it is done already.
fn spawn(future: impl Future<Output = ()> + 'static) -> Option<u32> {
    sweep();
    let id = LATEST.get().wrapping_add(1);
    LATEST.set(id);
    let task = Task { id, future: Some(Box::pin(future)), outcome: None, waiting_since: None };
    TASKS.with_borrow_mut(|tasks| tasks.push(task));
    run(id);
    with(id, |task| task.id)
}

/// The caller of a task went away: drops the task, with all that it holds. Called by `bundle/worker.js`.
#[wasm_bindgen]
pub fn abandon(id: u32) {
    // Dropped after the list is free again: what it holds may have its own way to end.
    drop(TASKS.with_borrow_mut(|tasks| {
        let at = tasks.iter().position(|task| task.id == id);
        at.map(|at| tasks.swap_remove(at))
    }));
}

/// Drops the tasks that have waited for one promise longer than [`PATIENCE`].
fn sweep() {
    if TASKS.with_borrow(|tasks| tasks.len() < MANY) {
        return;
    }
    let now = milliseconds();
    let abandoned = |task: &mut Task| {
        let since = *task.waiting_since.get_or_insert(now);
        task.future.is_some() && now.saturating_sub(since) > PATIENCE
    };
    // As above.
    drop(TASKS.with_borrow_mut(|tasks| tasks.extract_if(.., abandoned).collect::<Vec<_>>()));
}

/// A promise that gets an outcome, whatever becomes of its task.
struct Owed {
    resolve: Function,
    reject: Function,
    settled: bool,
}

impl Owed {
    fn settle(mut self, outcome: &Outcome) {
        self.settled = true;
        let (told, value) = match outcome {
            Ok(value) => (&self.resolve, value),
            Err(error) => (&self.reject, error),
        };
        // What they throw is nobody's any more.
        let _ = told.call1(&JsValue::UNDEFINED, value);
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        if !self.settled {
            let _ = self.reject.call1(
                &JsValue::UNDEFINED,
                &"request abandoned: the awaited promise never settled".into(),
            );
        }
    }
}

/// Begins a task whose value `resolve` gets, or `reject` its error. Its number, unless it is done already.
pub(super) fn answer(
    resolve: Function,
    reject: Function,
    future: impl Future<Output = Outcome> + 'static,
) -> Option<u32> {
    let owed = Owed { resolve, reject, settled: false };
    spawn(async move { owed.settle(&future.await) })
}

/// What becomes of `promise`. A task waits for one at a time.
pub(super) fn settled(promise: Promise) -> Settled {
    Settled(Some(promise))
}

/// The future of [`settled`].
pub(super) struct Settled(Option<Promise>);

impl Future for Settled {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Outcome> {
        if let Some(promise) = self.0.take() {
            glue::attach(&promise, CURRENT.get());
            return Poll::Pending;
        }
        let outcome = with(CURRENT.get(), |task| task.outcome.take());
        outcome.flatten().map_or(Poll::Pending, Poll::Ready)
    }
}

/// The promise that a task waits for is settled. Called by `glue.js`, in a fresh turn.
#[wasm_bindgen]
pub fn resume(id: u32, fulfilled: bool, value: JsValue) {
    let outcome = if fulfilled { Ok(value) } else { Err(value) };
    with(id, |task| {
        task.outcome = Some(outcome);
        task.waiting_since = None;
    });
    run(id);
}

fn run(id: u32) {
    let Some(mut future) = with(id, |task| task.future.take()).flatten() else { return };
    let outer = CURRENT.replace(id);
    let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    CURRENT.set(outer);
    match polled {
        Poll::Pending => drop(with(id, |task| task.future = Some(future))),
        Poll::Ready(()) => TASKS.with_borrow_mut(|tasks| tasks.retain(|task| task.id != id)),
    }
}

fn with<T>(id: u32, act: impl FnOnce(&mut Task) -> T) -> Option<T> {
    TASKS.with_borrow_mut(|tasks| tasks.iter_mut().find(|task| task.id == id).map(act))
}
