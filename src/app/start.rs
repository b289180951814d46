//! Starting and stopping: database, secret key, first content, mail worker, web server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sd_notify::NotifyState;
use tokio::task::JoinHandle;

use super::background;
use super::http::{HandlerData, web_server};
use super::rules::RULES;
use super::stop_signal::StopSignal;
use super::{sample, seed};
use crate::assessment::mails::AssessmentMails;
use crate::assessment::words::bank::{BadBank, Bank};
use crate::clock::Clock;
use crate::config::{Config, DatabaseUrl, Listen};
use crate::contacts::{self, Traces};
use crate::db::{Db, DbError, DoorOptions, LockError, OpenError, ServeLock, inspect, settings};
use crate::mail::catcher::Caught;
use crate::mail::{Bell, Composers, Delivery, Person, Policy, Route, Worker};
use crate::organizers::desk::SignInDesk;
use crate::organizers::mails::AccountMails;
use crate::organizers::setup::{self, FirstLink};
use crate::questions::KnownDesigns;
use crate::schedule::Schedule;
use crate::typesetting::{FontError, Fonts};
use crate::uploads::PictureReader;
use crate::values::{LinkKey, random_bytes};
use crate::web::gate::GateRules;
use crate::web::{AppState, AppearanceNow, Pictures};
use crate::webcasts::batch::{RegistrationBatch, RegistrationDesk};
use crate::webcasts::mails::SeatMails;
use crate::whitepapers::mails::PaperMails;
use crate::{assessment, imports, lists, site, webcasts, whitepapers};

/// What a start needs besides the settings; tests and benches change it.
pub struct Start {
    /// The settings.
    pub config: Config,
    /// What time it is.
    pub clock: Clock,
    /// The write door of SQLite.
    pub door: DoorOptions,
    /// Timeouts and retries of mail.
    pub policy: Policy,
    /// This program, started anew as the helper that reads pictures.
    pub program: PathBuf,
    /// The mails of `demo`.
    pub caught: Option<Caught>,
    /// Whether there are sample assessments, as in `demo`.
    pub with_samples: bool,
    /// Whether what is over ends by itself, and the nightly counts run; a test does both when it means to.
    pub with_chores: bool,
}

/// Why the program did not start, in words for the one who started it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Another copy serves this file.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database fails.
    #[error("the database fails: {0}")]
    Db(#[from] DbError),
    /// The program was built with a damaged item bank.
    #[error("this program was built wrong: {0}")]
    Bank(#[from] BadBank),
    /// The program was built with damaged fonts.
    #[error("this program was built wrong: {0}")]
    Fonts(#[from] FontError),
    /// The stored secret key is damaged.
    #[error("the secret key in the database is damaged; set secret_key to the one your links were made with")]
    SecretKey,
    /// There is a relay, but no sender.
    #[error(
        "mail_from: set who the mail is from, for example mail_from = \"Common Ground <events@example.org>\"; smtp_url needs it"
    )]
    NoSender,
    /// TLS for the relay.
    #[error("smtp_url: {0}")]
    Tls(crate::mail::smtp::BadTls),
    /// The system does not tell when to stop.
    #[error("the signals to stop cannot be heard: {0}")]
    Signals(std::io::Error),
    /// The address cannot be listened on.
    #[error("listen: {address} cannot be used: {error}")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        error: std::io::Error,
    },
}

/// The program while it runs.
pub struct Running {
    /// What the handlers see.
    pub state: web::Data<AppState>,
    /// Where it listens; none on a unix socket.
    pub addresses: Vec<SocketAddr>,
    server: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    worker: Option<Worker>,
    background: Vec<JoinHandle<()>>,
    _lock: Option<ServeLock>,
}

impl Start {
    /// With the usual clock, door and mail policy.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            clock: Clock::system(),
            door: DoorOptions {
                server_connections: config.database_connections,
                ..DoorOptions::default()
            },
            config,
            policy: Policy::default(),
            // Where the system does not tell, its name is looked for.
            program: std::env::current_exe().unwrap_or_else(|_| "commonground".into()),
            caught: None,
            with_samples: false,
            with_chores: true,
        }
    }

    /// Starts everything.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn run(self) -> Result<Running, StartError> {
        if self.config.smtp_url.is_some() && self.config.mail_from.is_none() {
            return Err(StartError::NoSender);
        }
        let lock = ServeLock::of(&self.config.database_url)?;
        let db = Db::open_with(&self.config.database_url, &self.door).await?;
        if inspect::is_open_to_others(&self.config.database_url) {
            tracing::warn!("others on this machine can read the database's file: run `chmod 600` on it");
        }
        let links = link_key(&db, self.config.secret_key).await?;
        seed::seed(&db, &self.clock).await?;
        if self.with_samples {
            sample::put_in(&db, self.clock.now()).await?;
        }
        let state = web::Data::new(AppState {
            db,
            clock: self.clock,
            links,
            bell: Bell::default(),
            route: Arc::new(Route::new(&self.policy)),
            limits: Arc::default(),
            recent_tags: Arc::default(),
            own_limits: Arc::default(),
            appearance: Arc::new(AppearanceNow::of(&self.config)),
            consent: Arc::default(),
            has_imprint: Arc::default(),
            proxy_warning: Arc::new(std::sync::Once::new()),
            picture_reader: PictureReader::new(self.program),
            caught: self.caught,
            config: Arc::new(self.config),
        });
        site::read_settings(&state).await?;
        let (handlers, composers) = handler_data(&state, self.door.batch)?;
        let traces = handlers.traces.clone();
        // Before anything runs by itself: where somebody else has the address, nothing has begun.
        let (server, addresses) = web_server(handlers)?;
        let mut works = background::asked_for(&state, &traces);
        if self.with_chores {
            works.extend(background::recurring(&state, &composers, &traces));
        }
        let schedule = Schedule::open(state.db.clone(), state.clock.clone(), works).await?;
        let background = vec![
            tokio::spawn(schedule.run()),
            tokio::spawn(background::forget_the_rest(state.clone())),
            tokio::spawn(background::read_limits(state.clone())),
        ];
        let worker = mail_worker(&state, composers, self.policy).await?;
        Ok(Running {
            server: server.handle(),
            serving: tokio::spawn(server),
            state,
            addresses,
            worker,
            background,
            _lock: lock,
        })
    }
}

/// What handlers use, and who composes the mails.
fn handler_data(state: &web::Data<AppState>, batch: usize) -> Result<(HandlerData, Composers), StartError> {
    let fonts = Fonts::load_with_machine(state.config.font_dir.as_deref())?;
    let (bank, traces) = (Arc::new(Bank::load()?), traces());
    let registrations = RegistrationDesk {
        batch: RegistrationBatch::open(state.db.clone(), batch, traces.clone()),
        designs: KnownDesigns::default(),
    };
    // Nobody's private links stand in what organizers see of a mail.
    let redacting = AppState {
        links: LinkKey::redacting(),
        ..AppState::clone(state)
    };
    let composers = composers(state, &bank, &fonts);
    let handlers = HandlerData {
        previews: web::Data::new(self::composers(&redacting, &bank, &fonts)),
        state: state.clone(),
        registrations: web::Data::new(registrations),
        bank: web::Data::new(bank),
        pictures: web::Data::new(Pictures::new(fonts.clone())),
        fonts: web::Data::new(fonts),
        desk: web::Data::new(SignInDesk::new(&state.config)),
        traces: web::Data::new(traces),
        rules: web::Data::new(GateRules::new(&RULES)),
    };
    Ok((handlers, composers))
}

impl Running {
    /// Answers what is being answered, lets mail in flight come to its end, closes the database.
    pub async fn stop(self) {
        let mail = async {
            if let Some(worker) = self.worker {
                worker.stop().await;
            }
        };
        // Side by side: slow clients and a slow relay must not add up.
        tokio::join!(self.server.stop(true), mail);
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the web server ended badly");
        }
        self.background.iter().for_each(JoinHandle::abort);
        self.state.db.close().await;
    }
}

/// `commonground serve`: until the process is told to stop.
///
/// # Errors
/// See [`StartError`].
pub async fn serve(config: Config) -> Result<(), StartError> {
    let stop = StopSignal::listen().map_err(StartError::Signals)?;
    let running = Start::new(config).run().await?;
    announce(&running);
    welcome_owner(&running.state).await?;
    tell_system(NotifyState::Ready);
    stop.heard().await;
    tracing::info!("stopping");
    tell_system(NotifyState::Stopping);
    running.stop().await;
    Ok(())
}

/// For systemd, where it started us and waits to hear (`Type=notify`).
fn tell_system(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd was not told");
    }
}

/// One line that says what began, for whoever reads the log later.
pub(super) fn announce(running: &Running) {
    let config = &running.state.config;
    let address = match &config.listen {
        Listen::Tcp(_) => running
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
        Listen::Unix(path) => path.display().to_string(),
    };
    let database = match &config.database_url {
        DatabaseUrl::Sqlite(path) => format!("SQLite {}", path.display()),
        DatabaseUrl::Postgres(_) => "PostgreSQL".to_owned(),
    };
    let mail = match &config.smtp_url {
        Some(relay) => format!("goes to {}:{}", relay.host, relay.port),
        None => "is kept: smtp_url is not set".to_owned(),
    };
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(
        version,
        address,
        public_url = config.public_url.link(""),
        database,
        mail,
        "serving"
    );
    if config.smtp_url.is_none() {
        tracing::warn!("no smtp_url is set: mail is kept in the outbox and sent once it is set");
    }
}

/// While there is no owner, says how to make one.
async fn welcome_owner(state: &AppState) -> Result<(), DbError> {
    match setup::first_link(&state.db, state.clock.now()).await? {
        FirstLink::NotNeeded => {}
        FirstLink::New(path) => {
            let link = state.config.public_url.link(&path);
            eprintln!("Make the owner's account within 24 hours: {link}");
        }
        FirstLink::Earlier => {
            eprintln!("There is no owner yet. `commonground organizer setup-link` prints a new set-up link.");
        }
    }
    Ok(())
}

/// The key that is set, or the one in the database, made at the first start.
pub(crate) async fn link_key(db: &Db, set: Option<[u8; 32]>) -> Result<LinkKey, StartError> {
    if set.is_none() {
        let fresh = STANDARD.encode(random_bytes::<32>());
        db.write(move |tx| {
            let fresh = fresh.clone();
            Box::pin(async move { settings::put_first(tx, settings::SECRET_KEY, &fresh).await.map(drop) })
        })
        .await?;
    }
    let secret = settings::secret_key(&mut db.read().await?, set).await?;
    Ok(LinkKey::new(secret.ok_or(StartError::SecretKey)?))
}

/// Where features keep something of a contact.
#[must_use]
pub fn traces() -> Traces {
    // Registrations first: what takes a calendar's entry back is put in before the mails about it are forgotten.
    let features = [
        &webcasts::trace::TRACES[..],
        &[whitepapers::trace::TRACE, assessment::store::contact_requests::TRACE],
        &contacts::store::TRACES,
        &imports::TRACES,
        &lists::TRACES,
    ];
    Traces::new(&features.concat())
}

/// Everybody who writes mails.
fn composers(state: &AppState, bank: &Arc<Bank>, fonts: &Fonts) -> Composers {
    Composers::default()
        .with(SeatMails { state: state.clone() })
        .with(PaperMails::new(state.clone()))
        .with(AssessmentMails::new(state.clone(), Arc::clone(bank), fonts.clone()))
        .with(AccountMails { state: state.clone() })
}

async fn mail_worker(
    state: &web::Data<AppState>,
    composers: Composers,
    policy: Policy,
) -> Result<Option<Worker>, StartError> {
    let config = &state.config;
    let Some(relay) = config.smtp_url.clone() else {
        return Ok(None);
    };
    let from = config.mail_from.as_ref().ok_or(StartError::NoSender)?;
    let (db, clock, bell) = (state.db.clone(), state.clock.clone(), state.bell.clone());
    let delivery = Delivery::new(db, clock, bell, composers, relay, Person::from(from), policy)
        .map_err(StartError::Tls)?
        .on_route(Arc::clone(&state.route))
        .reply_to(config.mail_reply_to.as_ref().map(Person::from))
        .rate(config.smtp_rate);
    Ok(Some(Worker::start(delivery, config.smtp_connections).await?))
}
