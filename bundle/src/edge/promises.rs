//! Futures that wait for JavaScript's promises, and the end of tasks whose promises are never settled.
//!
//! When a caller goes away, the runtime never settles the promises that its request waits for. `JsFuture` would keep such
//! a promise, its callbacks and the whole task for as long as the isolate lives. Here a task ends in one of three ways:
//!
//! 1. Once there are many tasks, each that begins to wait asks the runtime to say when its caller goes away, by the signal
//!    of the request. This costs a twentieth of a read, so fewer tasks are left to the collector.
//! 2. JavaScript alone owns the callback of a promise. When it collects a promise that nothing can settle any more, the
//!    callback is dropped with it, and the task ends if it waits for no other promise.
//! 3. In case the runtime does neither: once there are many tasks, those that have waited for too long are ended.
//!
//! A task that ends so is dropped without being resumed: in that turn there is no request, so timers, responses and
//! fetches would throw.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use worker::js_sys::Promise;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::closure::Closure;
use worker::web_sys;

use super::clock::milliseconds;
use super::glue;

/// The outcome of a promise.
type Outcome = Result<JsValue, JsValue>;

/// From this number of tasks on, their ends are not left to the collector alone.
const MANY: usize = 64;
/// How long a task may wait without being resumed then, in milliseconds: more than any store or server takes.
const LONGEST_WAIT: u64 = 120_000;
/// The least time between two sweeps, in milliseconds.
const SWEEP_INTERVAL: u64 = 10_000;

thread_local! {
    static TASKS: RefCell<Vec<Rc<Task>>> = const { RefCell::new(Vec::new()) };
    static LATEST_SWEEP: Cell<u64> = const { Cell::new(0) };
    /// The task that is polled.
    static CURRENT: RefCell<Rc<Task>> = RefCell::default();
}

/// Work for one request, from its first poll on.
#[derive(Default)]
struct Task {
    /// The number of promises it waits for that can still be settled.
    awaited: Cell<usize>,
    is_abandoned: Cell<bool>,
    /// Since when it is known to wait, in milliseconds since 1970.
    waiting_since: Cell<Option<u64>>,
    waker: RefCell<Option<Waker>>,
}

impl Task {
    fn poll<T>(
        self: &Rc<Self>,
        work: Pin<&mut impl Future<Output = T>>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        if self.is_abandoned.get() {
            return Poll::Ready(None);
        }
        self.waiting_since.set(None);
        self.waker.replace(Some(context.waker().clone()));
        let outer = CURRENT.replace(Rc::clone(self));
        let polled = work.poll(context);
        CURRENT.set(outer);
        match polled {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            // It waits for no promise, so it can never be resumed.
            Poll::Pending if self.awaited.get() == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }

    fn abandon(&self) {
        self.is_abandoned.set(true);
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// A task in the list of all, until it ends.
struct Listed(Rc<Task>);

impl Listed {
    fn new() -> Self {
        let task = Rc::new(Task::default());
        TASKS.with_borrow_mut(|tasks| tasks.push(Rc::clone(&task)));
        Self(task)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        TASKS.with_borrow_mut(|tasks| {
            let at = tasks.iter().position(|task| Rc::ptr_eq(task, &self.0));
            at.map(|at| tasks.swap_remove(at));
        });
    }
}

/// Does `work`, which waits only for what [`settled`] returns; `None` if it was abandoned. With a `request`, and with
/// many tasks, it ends when the caller of that goes away.
pub(super) async fn until_abandoned<T>(
    request: Option<&web_sys::Request>,
    work: impl Future<Output = T>,
) -> Option<T> {
    sweep();
    let listed = Listed::new();
    let mut work = pin!(work);
    let mut unheard = request;
    poll_fn(|context| {
        let polled = listed.0.poll(work.as_mut(), context);
        if polled.is_pending()
            && TASKS.with_borrow(Vec::len) >= MANY
            && let Some(request) = unheard.take()
        {
            let task = Rc::downgrade(&listed.0);
            let abandon = move || task.upgrade().iter().for_each(|task| task.abandon());
            // A request without a signal is left to the other two ways.
            let _ = glue::on_abort(request, &Closure::once(abandon).into_js_value());
        }
        polled
    })
    .await
}

/// Ends the tasks that have waited longer than [`LONGEST_WAIT`].
fn sweep() {
    if TASKS.with_borrow(|tasks| tasks.len() < MANY) {
        return;
    }
    let now = milliseconds();
    if now.saturating_sub(LATEST_SWEEP.get()) < SWEEP_INTERVAL {
        return;
    }
    LATEST_SWEEP.set(now);
    TASKS.with_borrow(|tasks| {
        for task in tasks {
            let since = task.waiting_since.get().unwrap_or(now);
            task.waiting_since.set(Some(since));
            if now.saturating_sub(since) > LONGEST_WAIT {
                task.abandon();
            }
        }
    });
}

/// The outcome of `promise`: its value, or the error of its rejection. Any number of promises may be awaited at once.
pub(super) fn settled(promise: Promise) -> impl Future<Output = Outcome> {
    let awaited = Rc::new(Awaited::default());
    let mut promise = Some(promise);
    poll_fn(move |context| {
        // Given away: a promise that the module refers to is never collected.
        if let Some(promise) = promise.take() {
            awaited.attach(&promise)?;
        }
        if let Some(outcome) = awaited.outcome.take() {
            return Poll::Ready(outcome);
        }
        awaited.waker.replace(Some(context.waker().clone()));
        Poll::Pending
    })
}

/// A promise that a task waits for. Its future owns this; the promise's callback only refers to it.
#[derive(Default)]
struct Awaited {
    /// The task, as long as the promise can still be settled.
    task: RefCell<Option<Rc<Task>>>,
    outcome: Cell<Option<Outcome>>,
    waker: RefCell<Option<Waker>>,
}

impl Awaited {
    fn attach(self: &Rc<Self>, promise: &Promise) -> Result<(), JsValue> {
        let task = CURRENT.with_borrow(Rc::clone);
        task.awaited.update(|count| count.saturating_add(1));
        self.task.replace(Some(task));
        let callback = Callback(Rc::downgrade(self));
        let settle = move |fulfilled: bool, value: JsValue| {
            callback.settle(if fulfilled { Ok(value) } else { Err(value) });
        };
        // Not `Closure::once_into_js`, which keeps itself alive until it is called.
        glue::attach(promise, &Closure::once(settle).into_js_value())
    }

    fn close(&self) {
        if let Some(task) = self.task.take() {
            task.awaited.update(|count| count.saturating_sub(1));
        }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.close();
    }
}

/// The promise's way to its future. It is dropped once it was called, or collected with a promise that is never settled.
struct Callback(Weak<Awaited>);

impl Callback {
    fn settle(self, outcome: Outcome) {
        if let Some(awaited) = self.0.upgrade() {
            awaited.outcome.set(Some(outcome));
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        // Without an outcome, this is for the task to see whether it still waits for anything.
        if let Some(awaited) = self.0.upgrade() {
            awaited.close();
            if let Some(waker) = awaited.waker.take() {
                waker.wake();
            }
        }
    }
}
