//! Connects to the relay, encrypts and signs in.

use std::path::PathBuf;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters};
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::connection::Connection;
use super::passage::{Hatch, Passage};
use super::refusal;
use super::reply::Reply;
use super::tls::TlsStream;
use crate::mail::relay::{Encryption, Phases, Relay};

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum BadTls {
    /// The file of `ca` in `smtp_url`.
    #[error("the certificate {0} cannot be read: {1}")]
    File(PathBuf, std::io::Error),
    /// The system's certificates, that file, or the relay's name.
    #[error("TLS to the mail relay cannot be set up: {0}")]
    Setup(#[from] lettre::transport::smtp::Error),
}

/// Opens connections to one relay.
#[derive(Clone)]
pub struct Dialer {
    relay: Relay,
    phases: Phases,
    tls: Option<TlsParameters>,
    hello: ClientId,
}

impl Dialer {
    /// Prepares TLS once; that reads the system's certificates.
    ///
    /// # Errors
    /// See [`BadTls`].
    pub fn new(relay: Relay, phases: Phases) -> Result<Self, BadTls> {
        let mut builder = TlsParameters::builder(relay.host.clone());
        if let Some(path) = &relay.certificate {
            let pem = std::fs::read(path).map_err(|error| BadTls::File(path.clone(), error))?;
            builder = builder.add_root_certificate(Certificate::from_pem(&pem)?);
        }
        let tls = match relay.encryption {
            Encryption::None => None,
            // Whoever could forge the certificate could as well hide that TLS is offered.
            Encryption::Opportunistic => Some(builder.dangerous_accept_invalid_certs(true).build()?),
            Encryption::Required | Encryption::Implicit => Some(builder.build()?),
        };
        Ok(Self {
            relay,
            phases,
            tls,
            hello: ClientId::default(),
        })
    }

    /// Connects, encrypts and signs in.
    ///
    /// # Errors
    /// What went wrong, in the relay's words or ours. It is the route's fault, not a mail's.
    pub async fn connect(&self) -> Result<Connection, Reply> {
        let (stream, mut hatch) = self.stream().await?;
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &self.hello);
        let mut smtp = self.within("greeting", greeting).await?;
        if let (Encryption::Required | Encryption::Opportunistic, Some(tls)) = (self.relay.encryption, &self.tls) {
            if smtp.can_starttls() {
                self.within("STARTTLS", smtp.starttls(tls.clone(), &self.hello)).await?;
                // From here on the stream beneath lettre carries what is encrypted.
                hatch = None;
            } else if self.relay.encryption == Encryption::Required {
                return Err(Reply::none(
                    "The relay offers no STARTTLS, and smtp_url asks for encryption.",
                ));
            }
        }
        // lettre keeps neither PIPELINING nor SIZE of the EHLO it did.
        let offers = self.within("EHLO", smtp.command(Ehlo::new(self.hello.clone()))).await?;
        if let Some(login) = &self.relay.login {
            let credentials = Credentials::new(login.user.clone(), login.password.expose_secret().to_owned());
            self.within("sign-in", smtp.auth(DEFAULT_MECHANISMS, &credentials))
                .await?;
        }
        let encrypted = smtp.is_encrypted() || self.relay.encryption == Encryption::Implicit;
        Ok(Connection::new(smtp, hatch, self.phases, &offers, encrypted))
    }

    async fn stream(&self) -> Result<(Box<dyn AsyncTokioStream>, Option<Hatch>), Reply> {
        let to = (self.relay.host.as_str(), self.relay.port);
        let stream = match timeout(self.phases.connect, TcpStream::connect(to)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(Reply::none(&format!("Cannot connect to the relay: {error}."))),
            Err(_) => return Err(Reply::none("Cannot connect to the relay: no answer.")),
        };
        stream
            .set_nodelay(true)
            .map_err(|error| Reply::none(&format!("Cannot connect to the relay: {error}.")))?;
        match (self.relay.encryption, &self.tls) {
            (Encryption::Implicit, Some(tls)) => {
                let stream = self.within("TLS", TlsStream::handshake(stream, tls.clone())).await?;
                Ok(with_hatch(stream))
            }
            _ => Ok(with_hatch(stream)),
        }
    }

    async fn within<T>(
        &self,
        what: &str,
        step: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, Reply> {
        match timeout(self.phases.command, step).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(match refusal(&error) {
                Some(reply) => reply,
                None => Reply::none(&format!("The relay failed at {what}: {error}.")),
            }),
            Err(_) => Err(Reply::none(&format!("The relay did not answer in time ({what})."))),
        }
    }
}

fn with_hatch(stream: impl AsyncTokioStream + 'static) -> (Box<dyn AsyncTokioStream>, Option<Hatch>) {
    let (passage, hatch) = Passage::over(stream);
    (Box::new(passage), Some(hatch))
}
