//! A crowd in the database: contacts, registrations and their mails, as the program would have stored them.

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

use super::server::House;

/// Puts so many in, with names of some variety. One in thirty has cancelled. The mails were sent within the time that they
/// are kept, so that nothing is being removed while it is measured.
pub async fn fill(house: &House, rows: i64) {
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})");
    let pick = |words: &[&str], step: i64| {
        let cases: Vec<String> = (0..)
            .zip(words)
            .map(|(n, word)| format!("WHEN {n} THEN '{word}'"))
            .collect();
        format!("CASE (i * {step} + i / 97) % {} {} END", words.len(), cases.join(" "))
    };
    let first = pick(
        &[
            "Ada", "Bo", "Carla", "Deniz", "Elif", "Femi", "Grace", "Hanna", "Ines", "Jonas", "Kaja", "Liam", "Mira",
            "Noor", "Otto", "Priya", "Quinn", "Rosa", "Sven", "Tuva", "Uma", "Vera", "Wim", "Xenia", "Yara", "Zoe",
        ],
        7,
    );
    let last = pick(
        &[
            "Adams", "Berg", "Costa", "Diaz", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova", "Jensen", "Kaya",
            "Lopez", "Meyer", "Novak", "Okafor", "Petit", "Quist", "Rossi", "Silva", "Tanaka", "Unger", "Varga",
            "Weber",
        ],
        11,
    );
    let contacts = format!(
        "INSERT INTO contacts (public_id, email, email_key, name, company, created_at)
         {numbers} SELECT randomblob(16), hex(randomblob(8)) || i || '@old.example',
                          lower(hex(randomblob(8))) || i || '@old.example',
                          {first} || ' ' || {last} || ' ' || i, 'Firm ' || (i % 5000), i FROM n"
    );
    let registrations = "INSERT INTO registrations
             (public_id, contact_id, webcast_id, session_id, name, state, calendar_uid, channel, utm_source, created_at,
              cancelled_at)
         SELECT randomblob(16), c.id, s.webcast_id, s.id, c.name,
                CASE WHEN c.id % 30 = 0 THEN 'cancelled' ELSE 'registered' END,
                hex(randomblob(11)) || '@commonground', 'form',
                CASE c.id % 4 WHEN 0 THEN 'linkedin' WHEN 1 THEN 'newsletter' ELSE NULL END,
                (strftime('%s', 'now') - c.id % 4000000) * 1000000,
                CASE WHEN c.id % 30 = 0 THEN 1 ELSE NULL END
           FROM contacts c, (SELECT id, webcast_id FROM sessions ORDER BY starts_at DESC LIMIT 1) s";
    let mails = "INSERT INTO outbox (kind, priority, dedupe_key, recipient, subject_id, params, message_id, created_at,
                                     next_at, state, attempts, ended_at)
         SELECT 'confirmation', 10, 'confirmation:' || hex(randomblob(11)) || ':0', c.email, r.id, '{}',
                hex(randomblob(11)), n.at + c.created_at, n.at + c.created_at, 'sent', 1, n.at + c.created_at
           FROM (SELECT (strftime('%s', 'now') - 86400) * 1000000 AS at) n, registrations r JOIN contacts c ON c.id = r.contact_id";
    let words = "INSERT INTO search_words (word, contact_id)
         SELECT DISTINCT word, id FROM (
             SELECT lower(substr(name, 1, instr(name, ' ') - 1)) AS word, id FROM contacts
             UNION ALL SELECT lower(substr(name, instr(name, ' ') + 1, instr(substr(name, instr(name, ' ') + 1), ' ') - 1)), id
                         FROM contacts
             UNION ALL SELECT CAST(id AS TEXT), id FROM contacts
             UNION ALL SELECT 'firm', id FROM contacts UNION ALL SELECT CAST(id % 5000 AS TEXT), id FROM contacts
             UNION ALL SELECT substr(email_key, 1, 40), id FROM contacts UNION ALL SELECT 'old.example', id FROM contacts)
          ORDER BY word, id";
    let mut database = open(&house.database(), SqliteSynchronous::Off).await;
    for statement in [
        contacts.as_str(),
        registrations,
        mails,
        words,
        "UPDATE contacts SET sort_name = lower(name)",
        "INSERT INTO watermarks (work, up_to) SELECT 'search_words', MAX(id) FROM contacts",
        "INSERT INTO watermarks (work, up_to) SELECT 'sort_names', MAX(id) FROM contacts",
        "ANALYZE",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        run(&mut database, statement).await;
    }
}

/// As the program opens it.
pub async fn open(path: &std::path::Path, synchronous: SqliteSynchronous) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .pragma("cache_size", "-16000")
        .pragma("secure_delete", "ON")
        .pragma("wal_autocheckpoint", "4000")
        .connect()
        .await
        .unwrap()
}

pub async fn run(database: &mut SqliteConnection, statement: &str) {
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    sqlx::raw_sql(statement).execute(database).await.unwrap();
}
