//! Whom to believe to be the relay.
//!
//! Opportunistic TLS takes any certificate and any name: whoever could forge one could as well hide that TLS is offered.
//! Where TLS is required, the system's authorities vouch for the relay's name. `ca=FILE` adds authorities, or names the
//! very certificate that the relay shows; that one is believed whatever name stands in it, as its key is known.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use crate::mail::relay::{Encryption, Relay};

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum BadTls {
    /// The file of `ca` in `smtp_url`.
    #[error("the certificate {0} cannot be read: {1}")]
    File(PathBuf, String),
    /// The file of `ca` holds nothing of use.
    #[error("{0} holds no certificate. It must be a PEM file with -----BEGIN CERTIFICATE-----")]
    Empty(PathBuf),
    /// The relay's name.
    #[error("the relay's name cannot stand in a certificate: {0}")]
    Name(#[from] InvalidDnsNameError),
    /// This program's own cryptography.
    #[error("TLS to the mail relay cannot be set up: {0}")]
    Setup(#[from] Error),
}

/// How to encrypt a connection to one relay.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) connector: TlsConnector,
    pub(super) name: ServerName<'static>,
}

impl Tls {
    /// Prepares it once; that reads the system's certificates. `None`: the relay is never to be spoken to encrypted.
    pub(super) fn new(relay: &Relay) -> Result<Option<Self>, BadTls> {
        if relay.encryption == Encryption::None {
            return Ok(None);
        }
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier {
            trust: trust(relay, &provider)?,
            provider: Arc::clone(&provider),
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Some(Self {
            connector: TlsConnector::from(Arc::new(config)),
            name: ServerName::try_from(relay.host.clone())?,
        }))
    }
}

/// Who is believed.
#[derive(Debug)]
enum Trust {
    Anybody,
    /// Whom an authority vouches for, and these very certificates.
    Vouched(Option<Arc<WebPkiServerVerifier>>, Vec<CertificateDer<'static>>),
}

fn trust(relay: &Relay, provider: &Arc<CryptoProvider>) -> Result<Trust, BadTls> {
    if relay.encryption == Encryption::Opportunistic {
        return Ok(Trust::Anybody);
    }
    let own = match &relay.certificate {
        Some(path) => read(path)?,
        None => Vec::new(),
    };
    let mut roots = RootCertStore::empty();
    // A system without authorities is no fault where the certificate is named.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots.add_parsable_certificates(own.iter().cloned());
    let authorities = (!roots.is_empty())
        .then(|| WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build())
        .transpose()
        .map_err(|error| Error::General(error.to_string()))?;
    Ok(Trust::Vouched(authorities, own))
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, BadTls> {
    let failed = |error: String| BadTls::File(path.to_owned(), error);
    let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let certificates = read.map_err(|error| failed(error.to_string()))?;
    if certificates.is_empty() {
        return Err(BadTls::Empty(path.to_owned()));
    }
    Ok(certificates)
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.trust {
            Trust::Anybody => Ok(ServerCertVerified::assertion()),
            Trust::Vouched(_, own) if own.iter().any(|known| known == shown) => Ok(ServerCertVerified::assertion()),
            Trust::Vouched(Some(authorities), _) => authorities.verify_server_cert(shown, chain, name, ocsp, now),
            Trust::Vouched(None, _) => Err(CertificateError::UnknownIssuer.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A failed handshake, in words that say what to do.
pub(super) fn in_words(error: &std::io::Error) -> String {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match tls {
        Some(Error::InvalidCertificate(problem)) => format!(
            "The relay's certificate is not believed: {}. Give ca=FILE in smtp_url the certificate of its authority, or \
             its own; or use the name that stands in it.",
            certificate_in_words(problem)
        ),
        _ => format!("The relay failed at TLS: {error}."),
    }
}

fn certificate_in_words(problem: &CertificateError) -> String {
    match problem {
        CertificateError::UnknownIssuer => "no authority known here vouches for it".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has run out".to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name".to_owned()
        }
        // An authority that was made anew, under the name it had.
        CertificateError::BadSignature => "an authority of that name is known here, but with another key".to_owned(),
        // What `openssl req -x509` makes is an authority that shows itself.
        CertificateError::Other(_) => "it vouches for itself, or is of a kind that is not known here".to_owned(),
        other => other.to_string(),
    }
}
