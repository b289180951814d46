//! Visitors who register as fast as they are answered, and a journal of what they were told.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::http::{self, Connection};

/// How long a visitor waits for an answer before asking again.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the visitors saw. It lives in the process that is not killed.
#[derive(Default)]
pub struct Journal {
    next: AtomicU64,
    acknowledged: Mutex<Vec<String>>,
    refused: Mutex<Vec<u16>>,
    broken: AtomicU64,
}

/// Visitors under way.
pub struct Load {
    pub journal: Arc<Journal>,
    stop: Arc<AtomicBool>,
    visitors: JoinSet<()>,
}

impl Journal {
    /// The addresses whose registration was confirmed on screen.
    pub fn acknowledged(&self) -> Vec<String> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// How many were confirmed.
    pub fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// Waits until so many were.
    pub async fn wait_for(&self, count: usize) {
        let started = Instant::now();
        while self.count() < count {
            assert!(started.elapsed() < Duration::from_mins(1), "there is hardly any load");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Answers other than the confirmation.
    pub fn refused(&self) -> Vec<u16> {
        self.refused.lock().unwrap().clone()
    }

    /// Requests that got no answer.
    pub fn broken(&self) -> u64 {
        self.broken.load(Ordering::Relaxed)
    }
}

impl Load {
    /// Starts visitors, each on a connection of its own, all posting to one form.
    pub fn start(address: SocketAddr, form: &Form, visitors: usize) -> Self {
        let journal = Arc::new(Journal::default());
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..visitors {
            tasks.spawn(visit(address, form.clone(), Arc::clone(&journal), Arc::clone(&stop)));
        }
        Self {
            journal,
            stop,
            visitors: tasks,
        }
    }

    /// Lets everybody finish and go home.
    pub async fn stop(mut self) -> Arc<Journal> {
        self.stop.store(true, Ordering::Relaxed);
        while self.visitors.join_next().await.is_some() {}
        self.journal
    }
}

/// One visitor after another on one connection. Whoever gets no confirmation sends the same form again, as
/// people do.
async fn visit(address: SocketAddr, form: Form, journal: Arc<Journal>, stop: Arc<AtomicBool>) {
    let mut connection = None;
    while !stop.load(Ordering::Relaxed) {
        let email = person(journal.next.fetch_add(1, Ordering::Relaxed));
        let request = registration(&form, &email);
        while !stop.load(Ordering::Relaxed) {
            match attempt(&mut connection, address, &request).await {
                Ok(303) => {
                    journal.acknowledged.lock().unwrap().push(email);
                    break;
                }
                Ok(other) => journal.refused.lock().unwrap().push(other),
                Err(_) => {
                    journal.broken.fetch_add(1, Ordering::Relaxed);
                    connection = None;
                }
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn attempt(connection: &mut Option<Connection>, address: SocketAddr, request: &[u8]) -> io::Result<u16> {
    let open = match connection {
        Some(open) => open,
        None => connection.insert(Connection::open(address).await?),
    };
    let answer = timeout(PATIENCE, open.exchange(request))
        .await
        .map_err(io::Error::from)??;
    Ok(answer.status)
}

/// The address of a person of the load.
pub fn person(number: u64) -> String {
    format!("visitor-{number:09}@visitors.example")
}

/// A public form, as it stands on its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it is posted.
    pub action: String,
    /// What its hidden field `session` says.
    session: String,
}

impl Form {
    /// The webcast or whitepaper that it belongs to.
    pub fn slug(&self) -> &str {
        self.action.split('/').nth(2).unwrap()
    }
}

/// The form as a browser posts it.
pub fn registration(form: &Form, email: &str) -> Vec<u8> {
    registration_with(form, email, &[])
}

/// The same with answers to questions.
pub fn registration_with(form: &Form, email: &str, answers: &[(&str, &str)]) -> Vec<u8> {
    let mut fields = vec![
        ("session", form.session.as_str()),
        ("name", "A Visitor"),
        ("email", email),
        ("website", ""),
        ("time_zone", ""),
    ];
    fields.extend(answers);
    http::post(&form.action, &fields)
}

/// The form for the next session, found as a visitor finds it.
pub async fn find_form(address: SocketAddr) -> Form {
    find(address, "/webcasts", "/register").await
}

/// The first form of this ending on the pages of a list.
pub async fn find(address: SocketAddr, list: &str, ending: &str) -> Form {
    let mut connection = Connection::open(address).await.unwrap();
    let page = connection.exchange(&http::get(list)).await.unwrap().text();
    for link in links(&page, &format!("href=\"{list}/")) {
        let page = connection.exchange(&http::get(&link)).await.unwrap().text();
        if let Some(action) = links(&page, &format!("action=\"{list}/")).find(|form| form.ends_with(ending)) {
            return Form {
                action,
                session: value_of(&page, "session"),
            };
        }
    }
    panic!("no form below {list}:\n{page}");
}

/// What a hidden field holds; empty without one.
fn value_of(page: &str, field: &str) -> String {
    let start = format!("name=\"{field}\" value=\"");
    let rest = page.split_once(&start).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Paths that stand behind `start` on a page.
fn links(page: &str, start: &str) -> impl Iterator<Item = String> {
    let path = start.find('/').unwrap_or_default();
    let found: Vec<String> = page
        .match_indices(start)
        .map(|(at, _)| {
            page[at + path..]
                .split(['"', '?', '#'])
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    found.into_iter()
}
