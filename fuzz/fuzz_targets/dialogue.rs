//! The dialogue with a mail server that says what the fuzzer breeds.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

#[path = "../../tests/suite/support/stranger.rs"]
mod stranger;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made")
});

fuzz_target!(|script: &[u8]| RUNTIME.block_on(stranger::converse(script)));
