//! Futures that wait for JavaScript's promises. A task is polled at once, and again as soon as the promise that
//! it waits for is settled. A queue in between, as general executors have, would cost more than most requests:
//! docs/decisions/0006-own-edge.md.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::glue;

/// What became of a promise.
type Outcome = Result<JsValue, JsValue>;

struct Task {
    id: u32,
    /// Taken out while it is polled.
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    outcome: Option<Outcome>,
}

thread_local! {
    static TASKS: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
    static LATEST: Cell<u32> = const { Cell::new(0) };
    static CURRENT: Cell<u32> = const { Cell::new(0) };
}

/// Begins a task.
pub(super) fn spawn(future: impl Future<Output = ()> + 'static) {
    let id = LATEST.get().wrapping_add(1);
    LATEST.set(id);
    let task = Task { id, future: Some(Box::pin(future)), outcome: None };
    TASKS.with_borrow_mut(|tasks| tasks.push(task));
    run(id);
}

/// Begins a task whose value `resolve` gets, or `reject` its error.
pub(super) fn answer(
    resolve: Function,
    reject: Function,
    future: impl Future<Output = Outcome> + 'static,
) {
    spawn(async move {
        let (told, value) = match future.await {
            Ok(value) => (resolve, value),
            Err(error) => (reject, error),
        };
        // What they throw is nobody's any more.
        let _ = told.call1(&JsValue::UNDEFINED, &value);
    });
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
    with(id, |task| task.outcome = Some(outcome));
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
