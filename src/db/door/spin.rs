//! Runs a future on the current thread, and spins some microseconds before it parks.
//!
//! Each statement hops to SQLite's own thread and back. Waking a parked thread costs more than most
//! statements take, so the writer waits awake for a moment: measured, that doubles what the door carries. Meanwhile it
//! offers its core to whoever wants to run, SQLite's thread first of all: where all cores are busy, a tenth more.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// Turns of the waiting loop before the thread parks: some tens of microseconds.
const SPINS: u32 = 4_000;
/// Turns between two offers of the core.
const YIELD_EVERY: u32 = 100;

struct Signal {
    woken: AtomicBool,
    thread: Thread,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

impl Signal {
    fn wait(&self) {
        for turn in 1..=SPINS {
            if self.woken.swap(false, Ordering::AcqRel) {
                return;
            }
            if turn % YIELD_EVERY == 0 {
                thread::yield_now();
            } else {
                std::hint::spin_loop();
            }
        }
        while !self.woken.swap(false, Ordering::AcqRel) {
            thread::park();
        }
    }
}

/// Drives `future` to its end on this thread.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let signal = Arc::new(Signal {
        woken: AtomicBool::new(false),
        thread: thread::current(),
    });
    let waker = Waker::from(Arc::clone(&signal));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        signal.wait();
    }
}
