//! The program `commonground`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything speaks TLS. It fails only where one is installed already.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    commonground::cli::main(std::env::args_os())
}
