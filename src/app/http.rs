//! The web server: what handlers use, the layers around them, where it listens.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_http::body::MessageBody;
use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::{GracefulShutdownSignal, Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::{AppConfig, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::{TcpStream, UnixStream};
use actix_web::{App, web};
use tokio::io::{AsyncRead, AsyncWrite};

use super::StartError;
use super::acts::{ACTS, UNDO};
use super::addresses::EncodedAddresses;
use super::routes::routes;
use crate::assessment::words::bank::Bank;
use crate::config::Listen;
use crate::console::frame::LookAround;
use crate::contacts::Traces;
use crate::mail::Composers;
use crate::organizers::acts::ActRules;
use crate::organizers::desk::SignInDesk;
use crate::organizers::pages::carry_along;
use crate::organizers::recognise;
use crate::site::needs::look_around;
use crate::typesetting::Fonts;
use crate::undo::UndoKinds;
use crate::web::gate::{GateRules, gate};
use crate::web::{AppState, Pictures, frame, revalidate, same_origin};
use crate::webcasts::batch::RegistrationDesk;

/// A slow client gets this long for its headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// What one connection may wait to write, in bytes.
const WRITE_BUFFER: usize = 16 * 1024;
/// A client that takes nothing for so long is let go.
const TAKES_WITHIN: Duration = Duration::from_mins(1);
/// What is answered when the process is told to stop may take this long, in seconds.
const DRAIN_SECONDS: u64 = 5;
/// So many connections may wait to be taken.
const WAITING: i32 = 1024;

/// What handlers use; one of each for all workers.
#[derive(Clone)]
pub(super) struct HandlerData {
    pub(super) state: web::Data<AppState>,
    /// Where registrations are taken.
    pub(super) registrations: web::Data<RegistrationDesk>,
    /// They write mails for organizers to look at, without private links.
    pub(super) previews: web::Data<Composers>,
    pub(super) bank: web::Data<Arc<Bank>>,
    pub(super) fonts: web::Data<Fonts>,
    pub(super) pictures: web::Data<Pictures>,
    pub(super) desk: web::Data<SignInDesk>,
    pub(super) traces: web::Data<Traces>,
    /// What posts may cost.
    pub(super) rules: web::Data<GateRules>,
}

/// The web server, bound but not yet at work, and where it listens.
pub(super) fn web_server(shared: HandlerData) -> Result<(Server, Vec<SocketAddr>), StartError> {
    let listen = shared.state.config.listen.clone();
    let server = Server::build().shutdown_timeout(DRAIN_SECONDS).disable_signals();
    let bound = match &listen {
        Listen::Tcp(address) => bind_tcp(server, address, shared),
        Listen::Unix(path) => bind_unix(server, path, shared),
    };
    let (server, addresses) = bound.map_err(|error| StartError::Listen {
        address: match &listen {
            Listen::Tcp(address) => address.to_string(),
            Listen::Unix(path) => path.display().to_string(),
        },
        error,
    })?;
    Ok((server.run(), addresses))
}

fn bind_tcp(
    server: ServerBuilder,
    address: &SocketAddr,
    shared: HandlerData,
) -> io::Result<(ServerBuilder, Vec<SocketAddr>)> {
    let listener = std::net::TcpListener::bind(address)?;
    rustix::net::listen(&listener, WAITING)?;
    let address = listener.local_addr()?;
    let shutdown = server.graceful_shutdown_signal();
    let server = server.listen("web", listener, move || {
        fn_service(|connection: TcpStream| async {
            let_go_who_does_not_read(&connection);
            answer_at_once(&connection);
            let peer = connection.peer_addr().ok();
            Ok((EncodedAddresses::new(connection), Protocol::Http1, peer))
        })
        .and_then(service(shared.clone(), shutdown.clone()))
    })?;
    Ok((server, vec![address]))
}

fn bind_unix(server: ServerBuilder, path: &Path, shared: HandlerData) -> io::Result<(ServerBuilder, Vec<SocketAddr>)> {
    make_way(path)?;
    let shutdown = server.graceful_shutdown_signal();
    let server = server.bind_uds("web", path, move || {
        fn_service(|connection: UnixStream| async { Ok((EncodedAddresses::new(connection), Protocol::Http1, None)) })
            .and_then(service(shared.clone(), shutdown.clone()))
    })?;
    admit_all(path)?;
    Ok((server, Vec::new()))
}

/// HTTP over connections of any kind, once they are taken.
fn service<S>(
    shared: HandlerData,
    shutdown: GracefulShutdownSignal,
) -> impl ServiceFactory<(S, Protocol, Option<SocketAddr>), Config = (), Response = (), Error = DispatchError, InitError = ()>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let app = app(shared).into_factory().map_err(|error| error.error_response());
    HttpService::build()
        .graceful_shutdown_signal(move || {
            let shutdown = shutdown.clone();
            async move { shutdown.notified().await }
        })
        .h1_write_buffer_size(WRITE_BUFFER)
        .client_request_timeout(HEADERS_WITHIN)
        .client_disconnect_timeout(Duration::from_secs(1))
        .keep_alive(KEEP_ALIVE)
        .finish(map_config(app, |()| AppConfig::default()))
}

fn app(
    shared: HandlerData,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(shared.state)
        .app_data(shared.previews)
        .app_data(shared.bank)
        .app_data(shared.fonts)
        .app_data(shared.pictures)
        .app_data(shared.registrations)
        .app_data(shared.desk)
        .app_data(shared.traces)
        .app_data(shared.rules)
        .app_data(web::Data::new(ActRules(&ACTS)))
        .app_data(web::Data::new(LookAround(look_around)))
        .app_data(web::Data::new(UndoKinds(&UNDO)))
        .wrap(from_fn(recognise))
        .wrap(from_fn(carry_along))
        .wrap(from_fn(gate))
        .wrap(from_fn(same_origin))
        .wrap(from_fn(revalidate))
        .wrap(Compress::default())
        .wrap(from_fn(frame))
        .configure(routes)
}

/// A page of more than one piece would wait for the client to acknowledge the first one: 40 ms on many systems (RFC 896,
/// RFC 1122 4.2.3.2).
fn answer_at_once(connection: &TcpStream) {
    if let Err(error) = connection.set_nodelay(true) {
        tracing::debug!(%error, "a connection answers in pieces");
    }
}

/// The system ends a connection whose client takes nothing of what was sent (RFC 5482).
#[cfg(target_os = "linux")]
fn let_go_who_does_not_read(connection: &TcpStream) {
    let within = u32::try_from(TAKES_WITHIN.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(connection, within) {
        tracing::debug!(%error, "a connection has no deadline for its client to read");
    }
}

#[cfg(not(target_os = "linux"))]
fn let_go_who_does_not_read(_: &TcpStream) {}

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
