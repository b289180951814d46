//! The web server: what handlers use, the layers around them, where it listens.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};

use super::StartError;
use super::routes::routes;
use crate::assessment::report::Fonts;
use crate::assessment::words::bank::Bank;
use crate::config::Listen;
use crate::contacts::Traces;
use crate::mail::Composers;
use crate::organizers::password::Hasher;
use crate::organizers::sign_in_limit::SignInLimit;
use crate::web::{AppState, frame, same_origin};
use crate::webcasts::batch::RegistrationBatch;

/// A slow client gets this long for its headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// What is answered when the process is told to stop may take this long, in seconds.
const DRAIN_SECONDS: u64 = 5;

/// What handlers use; one of each for all workers.
pub(super) struct HandlerData {
    pub(super) state: web::Data<AppState>,
    /// Where registrations wait for those that come with them.
    pub(super) registrations: web::Data<RegistrationBatch>,
    pub(super) composers: web::Data<Composers>,
    pub(super) bank: web::Data<Arc<Bank>>,
    pub(super) fonts: web::Data<Fonts>,
    /// Hashing takes memory, so there is a bound on it.
    pub(super) hasher: web::Data<Hasher>,
    pub(super) sign_in_limit: web::Data<SignInLimit>,
    pub(super) traces: web::Data<Traces>,
}

/// The web server, bound but not yet at work, and where it listens.
pub(super) fn web_server(shared: HandlerData) -> Result<(Server, Vec<SocketAddr>), StartError> {
    let listen = shared.state.config.listen.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.state.clone())
            .app_data(shared.composers.clone())
            .app_data(shared.bank.clone())
            .app_data(shared.fonts.clone())
            .app_data(shared.registrations.clone())
            .app_data(shared.hasher.clone())
            .app_data(shared.sign_in_limit.clone())
            .app_data(shared.traces.clone())
            .wrap(from_fn(same_origin))
            .wrap(Compress::default())
            .wrap(from_fn(frame))
            .configure(routes)
    })
    .client_request_timeout(HEADERS_WITHIN)
    .client_disconnect_timeout(Duration::from_secs(1))
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(DRAIN_SECONDS)
    .disable_signals();
    let refuse = |error| StartError::Listen {
        address: match &listen {
            Listen::Tcp(address) => address.to_string(),
            Listen::Unix(path) => path.display().to_string(),
        },
        error,
    };
    let server = match &listen {
        Listen::Tcp(address) => server.bind(address),
        Listen::Unix(path) => make_way(path)
            .and_then(|()| server.bind_uds(path))
            .and_then(|server| admit_all(path).map(|()| server)),
    }
    .map_err(refuse)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

/// The proxy in front runs as another user. Who may come near is what the directory says.
fn admit_all(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))
}

/// Binding removes whatever lies at the path, so only the socket of a program that is gone may lie there.
fn make_way(path: &Path) -> std::io::Result<()> {
    use std::io::{Error, ErrorKind};
    use std::os::unix::fs::FileTypeExt;
    use std::os::unix::net::UnixStream;
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => {}
        Ok(_) => return Err(Error::new(ErrorKind::AlreadyExists, "it is no socket")),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(rustix::io::Errno::ADDRINUSE.into()),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error),
    }
}
