//! The program `commonground`.

use std::process::ExitCode;

use commonground::uploads::HELPER;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|word| word == HELPER) {
        let making = std::env::args().nth(2);
        return commonground::uploads::helper_main(making.as_deref());
    }
    // Before anything speaks TLS. It fails only where one is installed already.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    commonground::cli::main(std::env::args_os())
}
