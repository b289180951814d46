//! The web server: what handlers use, the layers around them, where it listens.

use std::any::Any;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Extensions, Server};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};

use super::StartError;
use super::routes::routes;
use crate::assessment::words::bank::Bank;
use crate::config::Listen;
use crate::contacts::Traces;
use crate::mail::Composers;
use crate::organizers::desk::SignInDesk;
use crate::typesetting::Fonts;
use crate::web::gate::{GateRules, gate};
use crate::web::{AppState, frame, revalidate, same_origin};
use crate::webcasts::batch::RegistrationBatch;

/// A slow client gets this long for its headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// What one connection may wait to write, in bytes.
const WRITE_BUFFER: usize = 16 * 1024;
/// A client that takes nothing for so long is let go.
const TAKES_WITHIN: Duration = Duration::from_mins(1);
/// What is answered when the process is told to stop may take this long, in seconds.
const DRAIN_SECONDS: u64 = 5;

/// What handlers use; one of each for all workers.
pub(super) struct HandlerData {
    pub(super) state: web::Data<AppState>,
    /// Where registrations wait for those that come with them.
    pub(super) registrations: web::Data<RegistrationBatch>,
    /// They write mails for organizers to look at, without private links.
    pub(super) previews: web::Data<Composers>,
    pub(super) bank: web::Data<Arc<Bank>>,
    pub(super) fonts: web::Data<Fonts>,
    pub(super) desk: web::Data<SignInDesk>,
    pub(super) traces: web::Data<Traces>,
    /// What posts may cost.
    pub(super) rules: web::Data<GateRules>,
}

/// The web server, bound but not yet at work, and where it listens.
pub(super) fn web_server(shared: HandlerData) -> Result<(Server, Vec<SocketAddr>), StartError> {
    let listen = shared.state.config.listen.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.state.clone())
            .app_data(shared.previews.clone())
            .app_data(shared.bank.clone())
            .app_data(shared.fonts.clone())
            .app_data(shared.registrations.clone())
            .app_data(shared.desk.clone())
            .app_data(shared.traces.clone())
            .app_data(shared.rules.clone())
            .wrap(from_fn(gate))
            .wrap(from_fn(same_origin))
            .wrap(from_fn(revalidate))
            .wrap(Compress::default())
            .wrap(from_fn(frame))
            .configure(routes)
    })
    .on_connect(let_go_who_does_not_read)
    .h1_write_buffer_size(WRITE_BUFFER)
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

/// The system ends a connection whose client takes nothing of what was sent (RFC 5482).
#[cfg(target_os = "linux")]
fn let_go_who_does_not_read(connection: &dyn Any, _: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else {
        return;
    };
    let within = u32::try_from(TAKES_WITHIN.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, within) {
        tracing::debug!(%error, "a connection has no deadline for its client to read");
    }
}

#[cfg(not(target_os = "linux"))]
fn let_go_who_does_not_read(_: &dyn Any, _: &mut Extensions) {}

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
